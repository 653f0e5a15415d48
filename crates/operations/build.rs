//! Says whether programs of our own run on GPUs: `cfg(gpu)`. With Burn's fusion, Burn makes them itself.

fn main() {
    let has = |feature: &str| std::env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(gpu)");
    if (has("WGPU") || has("CUDA")) && !has("FUSION") {
        println!("cargo::rustc-cfg=gpu");
    }
}
