//! A small convolutional network.

use super::data::{CLASSES, Digits, SIDE};
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d, Relu};
use burn::tensor::{Device, Tensor};
use burn::train::{ClassificationOutput, InferenceStep, TrainOutput, TrainStep};

const CHANNELS: usize = 16;

#[derive(Module, Debug)]
pub struct Model {
    conv: Conv2d,
    pool: MaxPool2d,
    activation: Relu,
    dropout: Dropout,
    fc1: Linear,
    fc2: Linear,
}

impl Model {
    pub fn new(device: &Device) -> Self {
        let conv = Conv2dConfig::new([1, CHANNELS], [3, 3]).with_padding(PaddingConfig2d::Same);
        Self {
            conv: conv.init(device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            activation: Relu::new(),
            dropout: DropoutConfig::new(0.2).init(),
            fc1: LinearConfig::new(CHANNELS * SIDE * SIDE / 4, 64).init(device),
            fc2: LinearConfig::new(64, CLASSES).init(device),
        }
    }

    fn forward(&self, images: Tensor<2>) -> Tensor<2> {
        let [batch, _] = images.dims();
        let x = self.conv.forward(images.reshape([batch, 1, SIDE, SIDE]));
        let x = self.pool.forward(self.activation.forward(x)).flatten(1, 3);
        let x = self.dropout.forward(self.activation.forward(self.fc1.forward(x)));
        self.fc2.forward(x)
    }

    fn classify(&self, digits: Digits) -> ClassificationOutput {
        let output = self.forward(digits.images);
        let loss = CrossEntropyLossConfig::new().init(&output.device());
        let loss = loss.forward(output.clone(), digits.labels.clone());
        ClassificationOutput::new(loss, output, digits.labels)
    }
}

impl TrainStep for Model {
    type Input = Digits;
    type Output = ClassificationOutput;

    fn step(&self, digits: Digits) -> TrainOutput<ClassificationOutput> {
        let output = self.classify(digits);
        TrainOutput::new(self, output.loss.backward(), output)
    }
}

impl InferenceStep for Model {
    type Input = Digits;
    type Output = ClassificationOutput;

    fn step(&self, digits: Digits) -> ClassificationOutput {
        self.classify(digits)
    }
}
