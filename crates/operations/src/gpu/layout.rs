//! A GPU's memory as the operations here lay it out: contiguous and row-major.

use burn::tensor::{DType, Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::calculate_cube_count_elemwise;
use burn_cubecl::cubecl::client::Client;
use burn_cubecl::cubecl::ir::{ElemType, FloatKind};
use burn_cubecl::cubecl::prelude::{BufferArg, ComptimeOptionArgs, CubeCount, CubeDim, LaunchArg};
use burn_cubecl::cubecl::std::tensor::copy_into;
use burn_cubecl::cubecl::zspace::metadata::Metadata;
use burn_cubecl::kernel::matmul::{MatmulStrategy, matmul};
use burn_cubecl::kernel::{into_contiguous, slice};
use burn_cubecl::ops::numeric::{empty_device_contiguous_dtype, zeros_client};
use burn_cubecl::tensor::CubeTensor;

/// The bytes of a number.
const NUMBER: usize = size_of::<f32>();

/// Room for `shape`, on the GPU of `like`, with any numbers in it.
pub(crate) fn empty<const D: usize>(like: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, Shape::from(shape), DType::F32)
}

/// The same numbers in another shape.
pub(crate) fn reshaped<const D: usize>(tensor: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    CubeTensor::new_contiguous(
        tensor.client.clone(),
        tensor.device.clone(),
        Shape::from(shape),
        tensor.handle.clone(),
        tensor.dtype,
    )
}

/// The numbers from place `start` on, in a shape of their own; copied only where a GPU cannot
/// begin to read there.
pub(crate) fn part<const D: usize>(
    tensor: &CubeTensor,
    start: usize,
    shape: [usize; D],
) -> CubeTensor {
    let all = tensor.meta.num_elements();
    let count = shape.iter().product::<usize>();
    if count == all {
        return reshaped(tensor, shape);
    }
    let (flat, places) = (reshaped(tensor, [all]), start..start + count);
    reshaped(&slice(flat, &[places]), shape)
}

/// Matrices of as many rows, side by side.
pub(crate) fn columns(blocks: &[&CubeTensor]) -> CubeTensor {
    let blocks = blocks.iter().copied().map(tensor::<2>).collect();
    values(Tensor::cat(blocks, 1))
}

/// As a tensor outside training, for Burn's own operations.
pub(crate) fn tensor<const D: usize>(values: &CubeTensor) -> Tensor<D> {
    Tensor::from_primitive::<CubeBackend>(values.clone())
}

/// The contiguous numbers of a tensor outside training.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> CubeTensor {
    match tensor.try_into_primitive::<CubeBackend>() {
        Ok(values) => into_contiguous(values),
        // Only tensors that came from `tensor` get here.
        Err(error) => unreachable!("{error:?}"),
    }
}

/// A matrix's transpose, without moving a number.
pub(crate) fn transposed(matrix: &CubeTensor) -> CubeTensor {
    let mut matrix = matrix.clone();
    let rank = matrix.meta.num_dims();
    matrix.meta.swap(rank - 2, rank - 1);
    matrix
}

/// A matrix product, or one for each matrix of a batch.
pub(crate) fn product(left: &CubeTensor, right: &CubeTensor) -> CubeTensor {
    let mut shape = left.meta.shape().clone();
    let rank = shape.num_dims();
    shape[rank - 1] = right.meta.shape()[rank - 1];
    let (client, device) = (left.client.clone(), left.device.clone());
    let output = empty_device_contiguous_dtype(client, device, shape, DType::F32);
    let strategy = MatmulStrategy::default();
    match matmul(
        left.clone(),
        right.clone(),
        Some(output),
        strategy,
        DType::F32,
    ) {
        Ok(output) => output,
        // What Burn's own product does: there is a program for every shape of two f32 matrices.
        Err(error) => panic!("no matrix product for {left:?} and {right:?}: {error}"),
    }
}

/// Copies `from` to `to`, of the same shape.
pub(crate) fn copy(from: &CubeTensor, to: &CubeTensor) {
    copy_into(
        &from.client,
        from.clone().binding(),
        to.clone().binding(),
        ElemType::Float(FloatKind::F32),
    );
}

/// A program's argument that may be missing.
pub(crate) fn given<T>(buffer: Option<&CubeTensor>) -> ComptimeOptionArgs<T>
where
    T: LaunchArg<RuntimeArg = BufferArg>,
{
    let buffer = buffer.map(|buffer| buffer.clone().into_buffer_arg());
    buffer.into()
}

/// How many threads a program with one thread for each of `count` numbers has.
pub(crate) fn threads(client: &Client, count: usize) -> (CubeCount, CubeDim) {
    let dimension = CubeDim::new(client, count);
    let cubes = calculate_cube_count_elemwise(client, count, dimension);
    (cubes, dimension)
}

/// Matrices `[rows, width]` one after another, each where a GPU can begin to read.
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    /// `[count, stride]`
    all: CubeTensor,
    rows: usize,
    width: usize,
}

impl Slots {
    /// Room for `count` matrices.
    pub(crate) fn new(like: &CubeTensor, count: usize, rows: usize, width: usize) -> Self {
        let alignment = like.client.properties().memory.alignment as usize;
        let step = alignment.div_ceil(NUMBER).max(1);
        let stride = (rows * width).next_multiple_of(step);
        Self {
            all: empty(like, [count, stride]),
            rows,
            width,
        }
    }

    /// The same, filled with zeros.
    pub(crate) fn zeros(like: &CubeTensor, count: usize, rows: usize, width: usize) -> Self {
        let slots = Self::new(like, count, rows, width);
        let (client, device) = (like.client.clone(), like.device.clone());
        let size = slots.all.meta.num_elements();
        let flat = zeros_client(client, device, Shape::from([size]), DType::F32);
        Self {
            all: reshaped(&flat, [count, slots.stride()]),
            ..slots
        }
    }

    fn count(&self) -> usize {
        self.all.meta.shape()[0]
    }

    /// Numbers from the start of one matrix to the start of the next.
    pub(crate) fn stride(&self) -> usize {
        self.all.meta.shape()[1]
    }

    /// Columns of a matrix.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// All of it, with what lies between the matrices.
    pub(crate) fn all(&self) -> &CubeTensor {
        &self.all
    }

    /// `count` slots from `first` on, with what lies between them: `[count, rows, width]`.
    fn range(&self, first: usize, count: usize) -> CubeTensor {
        let bytes = |slots: usize| (slots * self.stride() * NUMBER) as u64;
        let after = self.count() - first - count;
        let handle = self.all.handle.clone();
        let handle = handle.offset_start(bytes(first)).offset_end(bytes(after));
        let mut found = self.all.clone();
        found.handle = handle;
        *found.meta = Metadata::new(
            [count, self.rows, self.width],
            [self.stride(), self.width, 1],
        );
        found
    }

    /// Matrix number `slot`, `[rows, width]`.
    pub(crate) fn at(&self, slot: usize) -> CubeTensor {
        reshaped(&self.range(slot, 1), [self.rows, self.width])
    }

    /// `count` matrices from `first` on as one of `[count * rows, width]`.
    pub(crate) fn together(&self, first: usize, count: usize) -> CubeTensor {
        let found = into_contiguous(self.range(first, count));
        reshaped(&found, [count * self.rows, self.width])
    }
}
