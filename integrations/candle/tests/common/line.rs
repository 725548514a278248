//! A small training with candle.

#![allow(dead_code, unreachable_pub)] // no test uses all of it

use candle_core::{DType, Device, Tensor};
use candle_nn::{Linear, Module, Optimizer, SGD, VarBuilder, VarMap, linear, loss};
use std::path::Path;
use tfevents::callbacks::{Model, TensorBoard, UpdateFreq};
use tfevents_candle::CandleModel;

/// A model that is fitted to the line `y = 3x + 1`.
pub struct Line {
    pub varmap: VarMap,
    layer: Linear,
}

impl Line {
    pub fn new() -> Self {
        let varmap = VarMap::new();
        let builder = VarBuilder::from_varmap(&varmap, DType::F32, &Device::Cpu);
        let layer = linear(1, 1, builder.pp("line.fc")).unwrap();
        Self { varmap, layer }
    }

    pub fn loss(&self, batch: usize) -> candle_core::Result<Tensor> {
        let x = (Tensor::arange(0f32, 4., &Device::Cpu)?.reshape((4, 1))? + batch as f64)?;
        loss::mse(&self.layer.forward(&x)?, &x.affine(3., 1.)?)
    }

    pub fn model(&self, rate: f64) -> CandleModel<SGD> {
        let optimizer = SGD::new(self.varmap.all_vars(), rate).unwrap();
        CandleModel::new(&self.varmap, optimizer)
    }

    pub fn bits(&self) -> Vec<u32> {
        let mut weights = Vec::new();
        self.model(0.0).weights(&mut |_, _, values| {
            weights.extend(values.iter().map(|value| value.to_bits()));
        });
        weights
    }
}

pub fn board(dir: &Path) -> TensorBoard {
    TensorBoard::builder(dir)
        .update_freq(UpdateFreq::Batch)
        .histogram_freq(1)
        .write_gradients(true)
        .write_norms(true)
        .build()
        .unwrap()
}
