//! The training loop of `loop_before`, with logging for TensorBoard.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear, loss};
use tfevents::SummaryWriter;
use tfevents_candle::{CandleWriter, LogAs};

fn main() -> Result<()> {
    let device = Device::Cpu;
    let varmap = VarMap::new();
    let model = linear(1, 1, VarBuilder::from_varmap(&varmap, DType::F32, &device).pp("line"))?;
    let mut optimizer = SGD::new(varmap.all_vars(), 0.05)?;
    let x = Tensor::arange(0f32, 8., &device)?.reshape((8, 1))?.affine(0.25, -1.)?;
    let y = x.affine(3., 1.)?;
    let writer = SummaryWriter::new("logs/line").map_err(candle_core::Error::wrap)?;
    for step in 0..500 {
        let loss = loss::mse(&model.forward(&x)?, &y)?;
        let grads = loss.backward()?;
        optimizer.step(&grads)?;
        writer.add_tensor("loss", &loss, LogAs::Scalar, step);
        writer.add_model(&varmap, &grads, step);
        if step % 100 == 0 {
            println!("step {step}: loss {}", loss.to_scalar::<f32>()?);
        }
    }
    Ok(())
}
