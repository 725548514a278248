//! A whole training with candle, from the data to TensorBoard:
//!
//! ```text
//! cargo run --release -p tfevents-candle --example candle_digits
//! ```
//!
//! trains a small network on handwritten digits in a few seconds. The `TensorBoard` callback and one
//! below, for images, log it. The data are those of the `digits` example.

// In a program, `pub` means visible to its other modules.
#![allow(unreachable_pub)]

#[path = "../../../../examples/digits/data.rs"]
mod data;
#[path = "../../../../examples/digits/random.rs"]
#[allow(dead_code)] // candle draws the weights
mod random;

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, linear, loss};
use data::{CLASSES, Digits, PIXELS, SIDE};
use lexopt::prelude::*;
use random::Random;
use std::error::Error;
use std::path::PathBuf;
use tfevents::SummaryWriter;
use tfevents::callbacks::{
    Callback, CallbackList, CallbackResult, Context, EarlyStopping, TensorBoard, TrainingLoop,
    UpdateFreq,
};
use tfevents::summary::ScalarEncoding;
use tfevents_candle::{CandleModel, CandleWriter, LogAs, tap};

const EPOCHS: usize = 40;
const BATCH: usize = 32;
const HIDDEN: usize = 64;

/// The accuracy below which the example fails.
const MIN_ACCURACY: f32 = 0.95;

#[derive(Clone)]
struct Net {
    hidden: Linear,
    output: Linear,
}

impl Net {
    fn new(builder: &VarBuilder<'_>) -> Result<Self> {
        let hidden = linear(PIXELS, HIDDEN, builder.pp("hidden"))?;
        let output = linear(HIDDEN, CLASSES, builder.pp("output"))?;
        Ok(Self { hidden, output })
    }
}

impl Module for Net {
    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let x = self.hidden.forward(images)?.relu()?;
        tap("hidden", &x);
        self.output.forward(&x)
    }
}

/// Images `[len, PIXELS]` and labels `[len]`.
struct Batch {
    images: Tensor,
    labels: Tensor,
}

impl Batch {
    fn new(digits: &Digits, device: &Device) -> Result<Self> {
        let images = Tensor::from_slice(&digits.images, (digits.len(), PIXELS), device)?;
        let labels: Vec<u32> = digits.labels.iter().map(|&label| label.into()).collect();
        Ok(Self { images, labels: Tensor::from_vec(labels, digits.len(), device)? })
    }

    fn len(&self) -> usize {
        self.images.dims()[0]
    }

    /// How many of the digits are recognized.
    fn right(&self, logits: &Tensor) -> Result<f32> {
        let right = logits.argmax(D::Minus1)?.eq(&self.labels)?;
        right.to_dtype(DType::F32)?.sum_all()?.to_scalar()
    }
}

/// Shows what the first units of the hidden layer look for, after each epoch.
struct Filters {
    writer: SummaryWriter,
    varmap: VarMap,
}

impl Callback for Filters {
    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let variables = self.varmap.data().lock().map_err(|error| error.to_string())?;
        let weight = variables["hidden.weight"].narrow(0, 0, 10)?;
        let most = weight.abs()?.max_all()?.to_scalar::<f32>()?.max(f32::MIN_POSITIVE);
        let filters = (weight / f64::from(2.0 * most))?.affine(1.0, 0.5)?;
        let filters = filters.reshape((10, 1, SIDE, SIDE))?;
        self.writer.add_tensor("hidden/filters", &filters, LogAs::Image, context.epoch());
        Ok(())
    }
}

/// Prints a line after each epoch.
struct Lines;

impl Callback for Lines {
    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let of = |name| context.logs().get_f64(name).unwrap_or(f64::NAN);
        let (loss, accuracy) = (of("val_loss"), of("val_accuracy"));
        println!("epoch {:>2}: loss {loss:.4}, accuracy {accuracy:.4}", context.epoch() + 1);
        Ok(())
    }
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let mut logdir = None;
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("logdir") => logdir = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    let writer = match logdir {
        Some(logdir) => SummaryWriter::new(logdir)?,
        None => SummaryWriter::timestamped("logs")?,
    };

    let device = Device::Cpu;
    let mut random = Random::new(0);
    let (train, validation) = Digits::load()?.split(&mut random);
    let validation = Batch::new(&validation, &device)?;
    let varmap = VarMap::new();
    let net = Net::new(&VarBuilder::from_varmap(&varmap, DType::F32, &device))?;
    let settings = ParamsAdamW { lr: 2e-3, weight_decay: 0.01, ..Default::default() };
    let (probe, images) = (net.clone(), validation.images.clone());
    let model = CandleModel::new(&varmap, AdamW::new(varmap.all_vars(), settings)?)
        .named("net")
        .probe(move || probe.forward(&images).map(drop));

    let digits = validation.images.narrow(0, 0, 10)?.reshape((10, 1, SIDE, SIDE))?;
    writer.child_run("validation")?.add_tensor("digits", &digits, LogAs::Image, 0);
    // Keras's encoding is the default; more tools read simple values.
    let board = TensorBoard::builder(&writer)
        .scalar_encoding(ScalarEncoding::Simple)
        .update_freq(UpdateFreq::Batch)
        .histogram_freq(1)
        .write_gradients(true)
        .write_activations(true)
        .write_norms(true)
        .build()?;
    let filters = Filters { writer: board.train_writer().clone(), varmap: varmap.clone() };
    let stopping = EarlyStopping::new("val_loss").patience(5).restore_best_weights(true);
    let mut callbacks = CallbackList::new()
        .with_callback(board)
        .with_callback(filters)
        .with_callback(Lines)
        .with_callback(stopping);

    let mut order: Vec<usize> = (0..train.len()).collect();
    TrainingLoop::new(model)
        .epochs(EPOCHS)
        .train(
            |_epoch| {
                random.shuffle(&mut order);
                let chunks = order.chunks(BATCH).map(|indices| train.select(indices));
                chunks.collect::<Vec<Digits>>()
            },
            |model, digits, step| {
                let batch = Batch::new(&digits, &device)?;
                let logits = net.forward(&batch.images)?;
                let loss = loss::cross_entropy(&logits, &batch.labels)?;
                model.backward_step(&loss)?;
                step.samples(batch.len());
                step.log("loss", loss.to_scalar::<f32>()?);
                step.log("accuracy", batch.right(&logits)? / batch.len() as f32);
                Ok(())
            },
        )
        .validate(
            |_epoch| [&validation],
            |_model, batch, step| {
                let logits = net.forward(&batch.images)?;
                step.samples(batch.len());
                step.log("loss", loss::cross_entropy(&logits, &batch.labels)?.to_scalar::<f32>()?);
                step.log("accuracy", batch.right(&logits)? / batch.len() as f32);
                Ok(())
            },
        )
        .run(&mut callbacks)?;

    if let Some(epoch) = callbacks.get::<EarlyStopping>().and_then(EarlyStopping::stopped_epoch) {
        println!("stopped after epoch {}", epoch + 1);
    }
    let accuracy = validation.right(&net.forward(&validation.images)?)? / validation.len() as f32;
    println!(
        "accuracy on {} images it never trained on: {:.2} %",
        validation.len(),
        100.0 * accuracy
    );
    println!("\ntensorboard --logdir {}", writer.path().display());
    println!("tfevents watch {}", writer.path().display());
    writer.close()?;
    if accuracy < MIN_ACCURACY {
        return Err(format!("less than {:.0} %", 100.0 * MIN_ACCURACY).into());
    }
    Ok(())
}
