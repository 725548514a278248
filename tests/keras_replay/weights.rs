//! The weights of a recorded model: with their values where those were recorded, else derived from
//! the tags and images.

use crate::dump::{Dump, Recorded, numbers};
use crate::settings::Settings;
use serde_json::Value;

/// A weight of the model, and its values where they were recorded.
#[derive(Clone, Debug)]
pub struct Weight {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Option<Vec<f32>>,
    /// Whether Keras drew an image of it.
    pub drawn: bool,
}

/// The weights of a recording, where their values were not recorded.
pub struct Weights(Vec<Weight>);

impl Weights {
    /// Those of the first epoch that has any: in that order, and as often as a tag comes.
    pub fn new(dump: &Dump, settings: &Settings) -> Self {
        let mut weights: Vec<Weight> = Vec::new();
        let is_weights = |event: &&Recorded| {
            event.dir() == "train"
                && ["histograms", "images"].contains(&event.plugin())
                && !event.is_users()
        };
        let Some(first) = dump.events.iter().position(|event| is_weights(&event)) else {
            return Self(weights);
        };
        let step = dump.events[first].step();
        let epoch = dump.events[first..].iter();
        for event in epoch.take_while(|event| is_weights(event) && event.step() == step) {
            if let Some(name) = event.tag().strip_suffix("/histogram") {
                let shape = shape_without_image(name, settings.write_images);
                weights.push(Weight { name: name.to_owned(), shape, values: None, drawn: false });
            } else if let Some(last) = weights.last_mut() {
                assert_eq!(event.tag(), format!("{}/image", last.name));
                (last.shape, last.drawn) = (shape_of_image(event), true);
            }
        }
        Self(weights)
    }

    /// The weights when a hook was called.
    pub fn at(&self, hook: &Value) -> Vec<Weight> {
        let Some(weights) = hook["weights"].as_array() else { return self.0.clone() };
        let read = |(at, weight): (usize, &Value)| {
            let name = weight["path"].as_str().or(weight["name"].as_str()).unwrap();
            let numbers = |key: &str| numbers(&weight[key]);
            Weight {
                name: name.replace(':', "_"),
                shape: numbers("shape").into_iter().map(|size| size as usize).collect(),
                values: Some(numbers("values").into_iter().map(|value| value as f32).collect()),
                drawn: self.0.get(at).is_some_and(|known| known.drawn),
            }
        };
        weights.iter().enumerate().map(read).collect()
    }
}

/// Whether a weight is a table of embeddings. tf.keras adds a number to the name.
pub fn is_embedding(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.starts_with("embeddings"))
}

/// A shape of weights that is not drawn, where images are.
fn shape_without_image(name: &str, images: bool) -> Vec<usize> {
    match images {
        _ if is_embedding(name) => vec![2, 2],
        true => vec![2; 5],
        false => vec![2],
    }
}

/// A shape of weights that would be drawn as this image was.
fn shape_of_image(image: &Recorded) -> Vec<usize> {
    let strings = image.0["strings"].as_array().unwrap();
    let size = |index: usize| strings[index].as_str().unwrap().parse().unwrap();
    let (width, height, planes): (usize, usize, usize) = (size(0), size(1), strings.len() - 2);
    match (width, planes) {
        (1, 1) => vec![height],
        (_, 1) => vec![height, width],
        _ => vec![height, width, planes],
    }
}
