//! Graphs of forward passes.

#[path = "../../candle/tests/common/graph.rs"]
mod graph;

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear,
    LinearConfig,
};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Bool, Device, Int, Tensor};
use graph::lines;
use tfevents_burn::{TraceError, trace_graph};

#[derive(Module, Debug)]
struct Block {
    conv: Conv2d,
    norm: BatchNorm,
}

/// A net with a field whose name is that of another node.
#[derive(Module, Debug)]
struct Net {
    blocks: Vec<Block>,
    pool: MaxPool2d,
    dropout: Dropout,
    input: Linear,
    scale: Param<Tensor<1>>,
}

impl Net {
    fn new(device: &Device) -> Self {
        let block = Block {
            conv: Conv2dConfig::new([1, 2], [3, 3]).with_bias(false).init(device),
            norm: BatchNormConfig::new(2).init(device),
        };
        Self {
            blocks: vec![block],
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            dropout: DropoutConfig::new(0.5).init(),
            input: LinearConfig::new(2, 3).init(device),
            scale: Param::from_tensor(Tensor::ones([1], device)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let block = &self.blocks[0];
        let x = relu(block.norm.forward(block.conv.forward(x)));
        let x = self.dropout.forward(self.pool.forward(x).flatten::<2>(1, 3));
        let halves = Tensor::<1>::from_floats([0.5], &x.device()) * self.scale.val();
        softmax(self.input.forward(x) * halves.unsqueeze(), 1)
    }
}

#[test]
fn a_network_with_all_that_flows_through_it() {
    // A model that is trained, given what does not train.
    let net = Net::new(&Device::flex().autodiff());
    let images = Tensor::<4>::zeros([5, 1, 4, 4], &Device::flex());
    let graph = trace_graph(&net, images, Net::forward).unwrap();
    assert_eq!(
        lines(&graph),
        [
            "blocks/0/conv/weight = Parameter() f32 [2, 1, 3, 3]",
            "blocks/0/norm/gamma = Parameter() f32 [2]",
            "blocks/0/norm/beta = Parameter() f32 [2]",
            "blocks/0/norm/running_mean = Parameter() f32 [2]",
            "blocks/0/norm/running_var = Parameter() f32 [2]",
            "input/weight = Parameter() f32 [2, 3]",
            "input/bias = Parameter() f32 [3]",
            "scale = Parameter() f32 [1]",
            "input_1 = Input() f32 [5, 1, 4, 4]",
            "blocks/0/conv/Conv2d = Conv2d(input_1 blocks/0/conv/weight) f32 [5, 2, 2, 2]",
            "blocks/0/norm/BatchNorm = BatchNorm(blocks/0/conv/Conv2d blocks/0/norm/gamma \
             blocks/0/norm/beta blocks/0/norm/running_mean blocks/0/norm/running_var) f32 \
             [5, 2, 2, 2]",
            "Relu = Relu(blocks/0/norm/BatchNorm) f32 [5, 2, 2, 2]",
            "MaxPool2d = MaxPool2d(Relu) f32 [5, 2, 1, 1]",
            "Reshape = Reshape(MaxPool2d) f32 [5, 2]",
            "constant = Constant() f32 [1]",
            "Mul = Mul(constant scale) f32 [1]",
            "input/Matmul = Matmul(Reshape input/weight) f32 [5, 3]",
            "input/Reshape = Reshape(input/bias) f32 [1, 3]",
            "input/Add = Add(input/Matmul input/Reshape) f32 [5, 3]",
            "Reshape_1 = Reshape(Mul) f32 [1, 1]",
            "Mul_1 = Mul(input/Add Reshape_1) f32 [5, 3]",
            "Softmax = Softmax(Mul_1) f32 [5, 3]",
            "output = Output(Softmax)",
        ]
    );
    // The model computes values again after the capture.
    let images = Tensor::<4>::zeros([2, 1, 4, 4], &Device::flex());
    assert_eq!(net.valid().forward(images).dims(), [2, 3]);
}

#[derive(Module, Debug)]
struct Words {
    words: Embedding,
    places: Embedding,
}

#[test]
fn several_tensors_of_all_kinds() {
    let device = Device::flex().autodiff();
    let new = |count| EmbeddingConfig::new(count, 4).init(&device);
    let words = Words { words: new(9), places: new(3) };
    let tokens = Tensor::<2, Int>::from_ints([[1, 2, 3]], &device);
    let padding = Tensor::<3, Bool>::from_data([[[false], [false], [true]]], &device);
    let forward = |model: &Words, (tokens, padding): (Tensor<2, Int>, Tensor<3, Bool>)| {
        let places = Tensor::<1, Int>::arange(0..3, &tokens.device()).unsqueeze::<2>();
        let both = model.words.forward(tokens) + model.places.forward(places);
        let both = both.mask_fill(padding.expand([1, 3, 4]), 0.0);
        let (values, places) = both.max_dim_with_indices(1);
        (values, places.clone() * 2, places)
    };
    let graph = trace_graph(&words, (tokens, padding), forward).unwrap();
    assert_eq!(
        lines(&graph),
        [
            "words/weight = Parameter() f32 [9, 4]",
            "places/weight = Parameter() f32 [3, 4]",
            "input = Input() i32 [1, 3]",
            "input_1 = Input() bool [1, 3, 1]",
            "constant = Constant() i64 [3]",
            "Reshape = Reshape(constant) i64 [1, 3]",
            "words/Embedding = Embedding(words/weight input) f32 [1, 3, 4]",
            "places/Embedding = Embedding(places/weight Reshape) f32 [1, 3, 4]",
            "Add = Add(words/Embedding places/Embedding) f32 [1, 3, 4]",
            "Expand = Expand(input_1) bool [1, 3, 4]",
            "MaskFill = MaskFill(Add Expand) f32 [1, 3, 4]",
            "MaxDimWithIndices = MaxDimWithIndices(MaskFill) f32 [1, 1, 4] [1, 1, 4]",
            "MulScalar = MulScalar(MaxDimWithIndices:1) i64 [1, 1, 4]",
            "output = Output(MaxDimWithIndices)",
            "output_1 = Output(MulScalar)",
            "output_2 = Output(MaxDimWithIndices:1)",
        ]
    );
}

#[test]
fn a_pass_that_reads_values_is_an_error_and_burn_works_afterwards() {
    let device = Device::flex().autodiff();
    let linear: Linear = LinearConfig::new(1, 1).init(&device);
    let x = || Tensor::<2>::ones([1, 1], &device);
    for _ in 0..2 {
        let error = trace_graph(&linear, x(), |linear, x| {
            let y = linear.forward(x);
            assert!(y.clone().into_scalar::<f32>().is_finite());
            y
        });
        let Err(TraceError::Panic(message)) = error else { panic!("{error:?}") };
        assert!(message.contains("no concrete value"), "{message}");
    }
    assert!(linear.forward(x()).into_scalar::<f32>().is_finite());
    assert_eq!(trace_graph(&linear, x(), Linear::forward).unwrap().node_count(), 7);
}
