//! English sentences as points that lie near each other where sentences mean much the same: the model all-MiniLM-L6-v2, from files that the user
//! brings.
//!
//! A text is divided into word pieces (see `vocabulary`), each of which begins as a point of its own for the piece and its place in the text. In
//! each of six layers pieces take from each other what they attend to, and each is then bent by itself. With h the pieces' points after the last
//! layer, the text is `Σ h / |Σ h|`. Nothing is learned here.
//!
//! Wang, W. et al. (2020). MiniLM: deep self-attention distillation for task-agnostic compression of pre-trained transformers. NeurIPS 33.
//! Reimers, N. & Gurevych, I. (2019). Sentence-BERT: sentence embeddings using siamese BERT-networks. EMNLP-IJCNLP, 3982–3992.

mod arithmetic;
mod error;
mod fold;
mod tensors;
#[cfg(test)]
mod tests;
mod vocabulary;

use rayon::prelude::*;
use serde::Deserialize;

use self::arithmetic::{Attention, Linear, Norm, gelu};
pub use self::error::EmbedError;
use self::tensors::Tensors;
use self::vocabulary::Room;
pub use self::vocabulary::Vocabulary;
use super::error::TextError;
use super::vectors::Vectors;
use crate::vector::widest;

/// Of a longer text only so many word pieces are read, as many as the model was trained for.
const MOST_PIECES: usize = 256;
/// Texts that are worked on together, so that weights are read once for all of them.
const TOGETHER: usize = 32;
const CONFIG: &str = "config.json";

/// A model, ready for texts.
pub struct Encoder {
    vocabulary: Vocabulary,
    width: usize,
    n_heads: usize,
    most_pieces: usize,
    /// The points of word pieces, and of places in a text.
    words: Vec<f32>,
    places: Vec<f32>,
    first: Norm,
    layers: Vec<Layer>,
}

struct Layer {
    /// q, k and v in one.
    joined: Linear,
    taken: Linear,
    after_taken: Norm,
    inner: Linear,
    outer: Linear,
    after_outer: Norm,
}

/// What `config.json` says.
#[derive(Deserialize)]
struct Config {
    model_type: String,
    hidden_act: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    vocab_size: usize,
    layer_norm_eps: f32,
}

impl Encoder {
    /// From the text of `config.json`, a vocabulary and the bytes of `model.safetensors`.
    ///
    /// # Errors
    /// A file that cannot be read, is of another kind of model, or does not fit the others.
    pub fn new(config: &str, vocabulary: Vocabulary, weights: &[u8]) -> Result<Encoder, EmbedError> {
        let config: Config = serde_json::from_str(config)
            .map_err(|error| EmbedError::new(CONFIG, format!("cannot be read: {error}")))?;
        config.check(&vocabulary)?;
        let tensors = Tensors::of(weights)?;
        let width = config.hidden_size;
        let mut places = tensors
            .numbers("embeddings.position_embeddings.weight", &[config.max_position_embeddings, width])?;
        let kinds =
            tensors.numbers("embeddings.token_type_embeddings.weight", &[config.type_vocab_size, width])?;
        // A text alone is all of the first kind.
        for place in places.chunks_exact_mut(width) {
            place.iter_mut().zip(&kinds).for_each(|(value, kind)| *value += kind);
        }
        let layers = (0..config.num_hidden_layers).map(|place| Layer::of(&tensors, &config, place));
        Ok(Encoder {
            vocabulary,
            width,
            n_heads: config.num_attention_heads,
            most_pieces: MOST_PIECES.min(config.max_position_embeddings),
            words: tensors.numbers("embeddings.word_embeddings.weight", &[config.vocab_size, width])?,
            places,
            first: norm(&tensors, &config, "embeddings.LayerNorm")?,
            layers: layers.collect::<Result<_, _>>()?,
        })
    }

    /// How many numbers a point has.
    pub fn n_dimensions(&self) -> usize {
        self.width
    }

    /// The point of each text, at the distance 1 from the origin. A text's point does not depend on the others; they are worked on side by side.
    ///
    /// # Errors
    /// A model whose weights are so large that a point is nowhere.
    pub fn embed<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Result<Vectors, TextError> {
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        Vectors::new(self.width, self.all_points(&texts))
    }

    /// What follows is not generic, so that it is compiled here and not, without optimisation, where it is called in a development build.
    fn all_points(&self, texts: &[&str]) -> Vec<f32> {
        texts.par_chunks(TOGETHER).map(|texts| self.points(texts)).collect::<Vec<_>>().concat()
    }

    fn points(&self, texts: &[&str]) -> Vec<f32> {
        let mut room = Room::default();
        let places = |text: &&str| self.vocabulary.places(text, self.most_pieces, &mut room);
        let pieces: Vec<Vec<u32>> = texts.iter().map(places).collect();
        let mut rows = self.begin(&pieces);
        for layer in &self.layers {
            let joined = layer.joined.of(&rows);
            let mut taken = vec![0.0; rows.len()];
            let (mut joined, mut rest) = (&joined[..], &mut taken[..]);
            for pieces in &pieces {
                let n = pieces.len() * self.width;
                let (of_text, others) = joined.split_at(3 * n);
                let (own, after) = rest.split_at_mut(n);
                widest(Attention { joined: of_text, width: self.width, n_heads: self.n_heads, taken: own });
                (joined, rest) = (others, after);
            }
            layer.after_taken.add(&mut rows, &layer.taken.of(&taken));
            let mut inner = layer.inner.of(&rows);
            gelu(&mut inner);
            layer.after_outer.add(&mut rows, &layer.outer.of(&inner));
        }
        let mut rest = &rows[..];
        let mut points = Vec::with_capacity(texts.len() * self.width);
        for pieces in &pieces {
            let (own, after) = rest.split_at(pieces.len() * self.width);
            points.extend(pooled(own, self.width));
            rest = after;
        }
        points
    }

    /// The points that the pieces of texts begin as.
    fn begin(&self, pieces: &[Vec<u32>]) -> Vec<f32> {
        let (mut words, mut places) = (vec![], vec![]);
        for pieces in pieces {
            for word in pieces {
                let begin = *word as usize * self.width;
                words.extend_from_slice(&self.words[begin..begin + self.width]);
            }
            places.extend_from_slice(&self.places[..pieces.len() * self.width]);
        }
        self.first.add(&mut words, &places);
        words
    }
}

impl Layer {
    fn of(tensors: &Tensors<'_>, config: &Config, place: usize) -> Result<Layer, EmbedError> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let numbers = |name: &str, n_in: usize, n_out: usize| {
            let name = format!("encoder.layer.{place}.{name}");
            let weights = tensors.numbers(&format!("{name}.weight"), &[n_out, n_in])?;
            Ok::<_, EmbedError>((weights, tensors.numbers(&format!("{name}.bias"), &[n_out])?))
        };
        let linear = |name: &str, n_in: usize, n_out: usize| {
            let (weights, bias) = numbers(name, n_in, n_out)?;
            Ok::<_, EmbedError>(Linear::new(n_in, &weights, &bias))
        };
        let norm = |name: &str| norm(tensors, config, &format!("encoder.layer.{place}.{name}"));
        let (mut weights, mut bias) = numbers("attention.self.query", width, width)?;
        for name in ["attention.self.key", "attention.self.value"] {
            let (more, more_bias) = numbers(name, width, width)?;
            weights.extend(more);
            bias.extend(more_bias);
        }
        Ok(Layer {
            joined: Linear::new(width, &weights, &bias),
            taken: linear("attention.output.dense", width, width)?,
            after_taken: norm("attention.output.LayerNorm")?,
            inner: linear("intermediate.dense", width, inner)?,
            outer: linear("output.dense", inner, width)?,
            after_outer: norm("output.LayerNorm")?,
        })
    }
}

impl Config {
    fn check(&self, vocabulary: &Vocabulary) -> Result<(), EmbedError> {
        let refused = |reason: String| Err(EmbedError::new(CONFIG, reason));
        if self.model_type != "bert" || self.hidden_act != "gelu" {
            return refused(format!(
                "is of a model `{}` with `{}`, not of `bert` with `gelu`",
                self.model_type, self.hidden_act
            ));
        }
        let sizes = [
            ("hidden_size", self.hidden_size),
            ("intermediate_size", self.intermediate_size),
            ("num_attention_heads", self.num_attention_heads),
            ("num_hidden_layers", self.num_hidden_layers),
            ("type_vocab_size", self.type_vocab_size),
        ];
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return refused(format!("has a `{name}` of 0"));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return refused(format!(
                "has {} numbers for {} heads",
                self.hidden_size, self.num_attention_heads
            ));
        }
        if self.max_position_embeddings < 3 {
            return refused("leaves no room for a word".to_owned());
        }
        if self.vocab_size != vocabulary.len() {
            return refused(format!(
                "has {} words where the vocabulary has {}",
                self.vocab_size,
                vocabulary.len()
            ));
        }
        Ok(())
    }
}

fn norm(tensors: &Tensors<'_>, config: &Config, name: &str) -> Result<Norm, EmbedError> {
    let numbers = |part: &str| tensors.numbers(&format!("{name}.{part}"), &[config.hidden_size]);
    Ok(Norm { scale: numbers("weight")?, shift: numbers("bias")?, epsilon: config.layer_norm_eps })
}

/// The direction of the sum of rows, which is that of their mean.
fn pooled(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    let length = sums.iter().map(|sum| sum * sum).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    sums.iter_mut().for_each(|sum| *sum /= length);
    sums
}
