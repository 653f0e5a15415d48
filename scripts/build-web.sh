#!/usr/bin/env bash
# Builds the runtime as WebAssembly: web.wasm in the target folder that is named, or in target/web.
# Uses the target of the toolchain where it has one (`rustup target add wasm32-unknown-unknown`), else Debian's packages
# rustc-web, cargo-web, rust-web-src and lld-19.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${1:-target/web}"
# The crate brings its own seeds for hash maps; samples are drawn from a seed of the config.
export RUSTFLAGS='-C target-feature=+simd128 --cfg getrandom_backend="custom"'
target=wasm32-unknown-unknown
if rustc --print target-libdir --target $target 2>/dev/null | xargs -r test -d; then
    cargo build --release --target $target -p web
else
    export PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19
    cargo build --release --target $target -Zbuild-std=std,panic_abort -p web
fi
ls -l "$CARGO_TARGET_DIR/$target/release/web.wasm"
