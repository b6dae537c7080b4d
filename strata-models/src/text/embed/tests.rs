//! Tests of sentences as points: words and pieces by hand, a small made-up model beside the formulas written plainly, and the model itself where
//! its files are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;

/// The words of the made-up model, in the order of their places.
const WORDS: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\nunaff\na\n,\ncafe\n##s\nnot\n";

fn pieces(text: &str, most: usize) -> Vec<&'static str> {
    let words = Vocabulary::of_lines(WORDS).unwrap();
    let names: Vec<&str> = WORDS.lines().collect();
    words.places(text, most, &mut Room::default()).into_iter().map(|place| names[place as usize]).collect()
}

#[test]
fn words_are_divided_into_the_longest_pieces() {
    let long = "a".repeat(101);
    let cases: [(&str, &[&str]); 9] = [
        ("unaffable", &["unaff", "##able"]),
        ("Un, CAFÉS!", &["un", ",", "cafe", "##s", "[UNK]"]),
        ("cafe\u{301}s a\u{200b} a", &["cafe", "##s", "a", "a"]),
        ("not\ta\u{a0}cafe\u{ad}", &["not", "a", "cafe"]),
        ("unable affable", &["un", "##able", "[UNK]"]),
        ("日a", &["[UNK]", "a"]),
        ("“a”", &["[UNK]", "a", "[UNK]"]),
        (&long, &["[UNK]"]),
        ("", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(pieces(text, 256), [&["[CLS]"], expected, &["[SEP]"]].concat(), "{text}");
    }
    assert_eq!(pieces("a unaffable a", 4), ["[CLS]", "a", "unaff", "[SEP]"], "a long text is cut");
}

#[test]
fn a_vocabulary_is_read_from_either_file() {
    let vocab: BTreeMap<&str, usize> = WORDS.lines().zip(0..).collect();
    let tokenizer = |kind: &str, lowercase: bool| {
        serde_json::json!({
            "normalizer": { "type": "BertNormalizer", "lowercase": lowercase },
            "model": { "type": kind, "continuing_subword_prefix": "##", "vocab": vocab },
        })
        .to_string()
    };
    let read = Vocabulary::of_tokenizer(&tokenizer("WordPiece", true)).unwrap();
    let lines = Vocabulary::of_lines(WORDS).unwrap();
    let of = |words: &Vocabulary| words.places("unaffable cafés, not", 256, &mut Room::default());
    assert_eq!((read.len(), of(&read)), (13, of(&lines)));
    for (refused, reason) in [
        (Vocabulary::of_tokenizer("{}"), "tokenizer.json cannot be read"),
        (Vocabulary::of_tokenizer(&tokenizer("BPE", true)), "word pieces"),
        (Vocabulary::of_tokenizer(&tokenizer("WordPiece", false)), "capitals"),
        (Vocabulary::of_lines("[CLS]\n[SEP]\na\n"), "vocab.txt has no `[UNK]`"),
        (Vocabulary::of_lines("[CLS]\n[SEP]\n[UNK]\na\na\n"), "names place 4 of 4"),
    ] {
        let told = refused.unwrap_err().to_string();
        assert!(told.contains(reason) && told.contains("hint: give the files of all-MiniLM-L6-v2"), "{told}");
    }
}

/// A model of one layer with two heads, four numbers a word and five within.
struct Small(BTreeMap<&'static str, (Vec<usize>, Vec<f32>)>);

const CONFIG_OF_SMALL: &str = r#"{ "model_type": "bert", "hidden_act": "gelu", "hidden_size": 4, "intermediate_size": 5, "num_attention_heads": 2,
    "num_hidden_layers": 1, "max_position_embeddings": 8, "type_vocab_size": 2, "vocab_size": 13, "layer_norm_eps": 1e-12 }"#;

impl Small {
    /// All numbers by their array and place in it; norms change nothing.
    fn of(number: impl Fn(&str, usize) -> f32) -> Small {
        let of_layer = |name: &str| format!("encoder.layer.0.{name}").leak() as &str;
        let mut shapes = vec![
            ("embeddings.word_embeddings.weight", vec![13, 4]),
            ("embeddings.position_embeddings.weight", vec![8, 4]),
            ("embeddings.token_type_embeddings.weight", vec![2, 4]),
            ("embeddings.LayerNorm.weight", vec![4]),
            ("embeddings.LayerNorm.bias", vec![4]),
        ];
        for (name, n_out, n_in) in [
            ("attention.self.query", 4, 4),
            ("attention.self.key", 4, 4),
            ("attention.self.value", 4, 4),
            ("attention.output.dense", 4, 4),
            ("intermediate.dense", 5, 4),
            ("output.dense", 4, 5),
        ] {
            shapes.push((of_layer(&format!("{name}.weight")), vec![n_out, n_in]));
            shapes.push((of_layer(&format!("{name}.bias")), vec![n_out]));
        }
        for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
            shapes.push((of_layer(&format!("{name}.weight")), vec![4]));
            shapes.push((of_layer(&format!("{name}.bias")), vec![4]));
        }
        let array = |(name, shape): (&'static str, Vec<usize>)| {
            let n = shape.iter().product();
            let is_scale = name.contains("LayerNorm.weight");
            let numbers = (0..n).map(|place| if is_scale { 1.0 } else { number(name, place) }).collect();
            (name, (shape, numbers))
        };
        Small(shapes.into_iter().map(array).collect())
    }

    fn file(&self) -> Vec<u8> {
        let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
        header.insert("__metadata__".to_owned(), serde_json::json!({ "format": "pt" }));
        for (name, (shape, numbers)) in &self.0 {
            let begin = data.len();
            data.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            let described =
                serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, data.len()] });
            header.insert((*name).to_owned(), described);
        }
        let header = serde_json::to_vec(&header).unwrap();
        [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
    }

    fn encoder(&self) -> Encoder {
        Encoder::new(CONFIG_OF_SMALL, Vocabulary::of_lines(WORDS).unwrap(), &self.file()).unwrap()
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        self.0[name].1.iter().map(|number| f64::from(*number)).collect()
    }

    /// The formulas, one after the other.
    fn point(&self, pieces: &[usize]) -> Vec<f64> {
        let rows_of = |name: &str| -> Vec<Vec<f64>> {
            let width = *self.0[name].0.last().unwrap();
            self.numbers(name).chunks(width).map(<[f64]>::to_vec).collect()
        };
        let linear = |name: &str, row: &[f64]| -> Vec<f64> {
            let name = format!("encoder.layer.0.{name}");
            let bias = self.numbers(&format!("{name}.bias"));
            let weights = rows_of(&format!("{name}.weight"));
            weights.iter().zip(bias).map(|(weights, bias)| dot(weights, row) + bias).collect()
        };
        let level = |name: &str, row: &[f64]| -> Vec<f64> {
            let shift = self.numbers(&format!("{name}.bias"));
            let mean = row.iter().sum::<f64>() / 4.0;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 4.0;
            row.iter().zip(shift).map(|(value, shift)| (value - mean) / variance.sqrt() + shift).collect()
        };
        let add =
            |one: &[f64], other: &[f64]| -> Vec<f64> { one.iter().zip(other).map(|(a, b)| a + b).collect() };
        let (words, places, kinds) = (
            rows_of("embeddings.word_embeddings.weight"),
            rows_of("embeddings.position_embeddings.weight"),
            rows_of("embeddings.token_type_embeddings.weight"),
        );
        let begin = |(place, word): (usize, &usize)| {
            level("embeddings.LayerNorm", &add(&add(&words[*word], &places[place]), &kinds[0]))
        };
        let rows: Vec<Vec<f64>> = pieces.iter().enumerate().map(begin).collect();
        let [queries, keys, values] = ["query", "key", "value"].map(|which| {
            rows.iter().map(|row| linear(&format!("attention.self.{which}"), row)).collect::<Vec<_>>()
        });
        let mut sums = vec![0.0; 4];
        for (place, row) in rows.iter().enumerate() {
            let mut taken = vec![0.0; 4];
            for head in [0..2, 2..4] {
                let weight = |key: &Vec<f64>| {
                    (dot(&queries[place][head.clone()], &key[head.clone()]) / 2.0_f64.sqrt()).exp()
                };
                let all: f64 = keys.iter().map(weight).sum();
                for (key, value) in keys.iter().zip(&values) {
                    head.clone().for_each(|at| taken[at] += weight(key) / all * value[at]);
                }
            }
            let row = level(
                "encoder.layer.0.attention.output.LayerNorm",
                &add(row, &linear("attention.output.dense", &taken)),
            );
            let bent = |value: f64| value * 0.5 * libm::erfc(-value / 2.0_f64.sqrt());
            let inner: Vec<f64> = linear("intermediate.dense", &row).into_iter().map(bent).collect();
            let row = level("encoder.layer.0.output.LayerNorm", &add(&row, &linear("output.dense", &inner)));
            sums = add(&sums, &row);
        }
        let length = dot(&sums, &sums).sqrt();
        sums.into_iter().map(|sum| sum / length).collect()
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[track_caller]
fn near(found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < tolerance, "{found}, not {expected}");
    }
}

/// By hand: without weights a layer changes nothing, so that the text is the direction of the sum of [1 −1 1 −1], [1 1 −1 −1] and [1 −1 −1 1].
#[test]
fn a_text_is_the_direction_of_the_sum_of_its_pieces() {
    let words = [(2, [1.0, -1.0, 1.0, -1.0]), (8, [1.0, 1.0, -1.0, -1.0]), (3, [1.0, -1.0, -1.0, 1.0])];
    let small = Small::of(|name, place| {
        let word =
            words.iter().find(|(word, _)| *word == place / 4).filter(|_| name.contains("word_embeddings"));
        word.map_or(0.0, |(_, point)| point[place % 4])
    });
    let found = small.encoder().embed(&["A"]).unwrap();
    let length = 12.0_f64.sqrt();
    near(found.row(0), &[3.0 / length, -1.0 / length, -1.0 / length, -1.0 / length], 1e-6);
}

/// Numbers that say nothing, different in each array.
fn made_up() -> Small {
    Small::of(|name, place| {
        let of_name: usize = name.bytes().map(usize::from).sum();
        ((of_name * 31 + place * 47) % 113) as f32 / 56.0 - 1.0
    })
}

#[test]
fn points_are_those_of_the_formulas() {
    let (small, words) = (made_up(), Vocabulary::of_lines(WORDS).unwrap());
    let encoder = small.encoder();
    let texts = ["a", "unaffable cafés, not", "", "not a café, not unaffable a a a"];
    let found = encoder.embed(&texts).unwrap();
    assert_eq!((found.len(), found.n_dimensions(), encoder.n_dimensions()), (4, 4, 4));
    for (place, text) in texts.iter().enumerate() {
        let pieces = words.places(text, 8, &mut Room::default());
        let pieces: Vec<usize> = pieces.into_iter().map(|piece| piece as usize).collect();
        near(found.row(place), &small.point(&pieces), 2e-6);
        assert_eq!(
            encoder.embed(&[text]).unwrap().row(0),
            found.row(place),
            "a point does not depend on other texts"
        );
    }
}

#[test]
fn many_texts_are_embedded_in_their_order() {
    let encoder = made_up().encoder();
    let texts: Vec<String> = (0..100).map(|n| ["a ", "not ", "cafe, ", "un"][n % 4].repeat(n % 7)).collect();
    let found = encoder.embed(&texts).unwrap();
    for (place, text) in texts.iter().enumerate() {
        assert_eq!(encoder.embed(&[text]).unwrap().row(0), found.row(place), "{place}");
    }
    assert!(encoder.embed::<&str>(&[]).unwrap().is_empty());
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let whole = made_up();
    let file = whole.file();
    let refused = |config: &str, file: &[u8]| {
        let told =
            Encoder::new(config, Vocabulary::of_lines(WORDS).unwrap(), file).err().unwrap().to_string();
        assert!(told.contains("hint: give the files"), "{told}");
        told
    };
    for (from, to, reason) in [
        ("\"bert\"", "\"roberta\"", "config.json is of a model `roberta`"),
        ("\"gelu\"", "\"relu\"", "with `relu`"),
        ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "4 numbers for 3 heads"),
        ("\"num_attention_heads\": 2", "\"num_attention_heads\": 0", "`num_attention_heads` of 0"),
        ("\"vocab_size\": 13", "\"vocab_size\": 14", "14 words where the vocabulary has 13"),
        ("\"max_position_embeddings\": 8", "\"max_position_embeddings\": 2", "no room"),
        ("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2", "model.safetensors has no `encoder.layer.1"),
        ("\"intermediate_size\": 5", "\"intermediate_size\": 6", "has the shape [5, 4], not [6, 4]"),
        ("\"model_type\"", "\"model\"", "config.json cannot be read"),
    ] {
        let told = refused(&CONFIG_OF_SMALL.replace(from, to), &file);
        assert!(told.contains(reason), "{told}");
    }
    let edited = |from: &str, to: &str| {
        let at = file.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        [&file[..at], to.as_bytes(), &file[at + from.len()..]].concat()
    };
    let far = usize::MAX.to_le_bytes();
    let mut wrong = made_up();
    wrong.0.get_mut("embeddings.LayerNorm.bias").unwrap().1[2] = f32::NAN;
    for (file, reason) in [
        (file[..5].to_vec(), "ends before its header"),
        (file[..99].to_vec(), "ends before its header"),
        ([&far[..], &file[8..]].concat(), "not in the format safetensors"),
        (edited("{\"__metadata__\"", "[\"__metadata__\""), "cannot be read"),
        (file[..file.len() - 4].to_vec(), "ends before the numbers"),
        (edited("\"F32\"", "\"F16\""), "of the type F16, not F32"),
        (wrong.file(), "what is no number"),
        (b"version https://git-lfs.github.com/spec/v1".to_vec(), "not in the format safetensors"),
    ] {
        let told = refused(CONFIG_OF_SMALL, &file);
        assert!(told.contains("model.safetensors") && told.contains(reason), "{told}");
    }
}

/// A model of which each weight is a number and the sums are none.
#[test]
fn a_point_that_is_nowhere_is_refused() {
    let encoder = Small::of(|_, place| if place % 2 == 0 { f32::MAX } else { -f32::MAX }).encoder();
    assert_eq!(encoder.embed(&["a"]), Err(TextError::NoNumber));
}

/// The folder with the model's files: what the variable `STRATA_MINILM` says, or `shared/data/minilm` in any folder above; none, said on stderr,
/// where there is neither.
fn folder(test: &str) -> Option<PathBuf> {
    let named = std::env::var_os("STRATA_MINILM").map(PathBuf::from);
    let above =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/data/minilm"));
    let found = named.into_iter().chain(above).find(|folder| folder.join("model.safetensors").is_file());
    if found.is_none() {
        eprintln!("skipped: {test}, for neither STRATA_MINILM nor shared/data/minilm has the model");
    }
    found
}

/// What sentence-transformers says of all-MiniLM-L6-v2, to five decimals.
#[test]
fn sentences_lie_where_the_model_puts_them() {
    let Some(folder) = folder("sentences_lie_where_the_model_puts_them") else { return };
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let vocabulary = Vocabulary::of_lines(&text("vocab.txt")).unwrap();
    let weights = std::fs::read(folder.join("model.safetensors")).unwrap();
    let encoder = Encoder::new(&text("config.json"), vocabulary, &weights).unwrap();
    let texts = [
        "That is a happy person",
        "That is a very happy person",
        "That is a happy dog",
        "Today is a sunny day",
    ];
    let found = encoder.embed(&texts).unwrap();
    near(&found.row(0)[..3], &[-0.03388, 0.09194, 0.0487], 1e-5);
    let point = |place: usize| found.row(place).iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
    for (place, expected) in [(0, 1.0), (1, 0.94292), (2, 0.69458), (3, 0.25688)] {
        let cosine = dot(&point(0), &point(place));
        assert!((cosine - expected).abs() < 2e-5, "{}: {cosine}, not {expected}", texts[place]);
    }
    let tokenizer = Vocabulary::of_tokenizer(&text("tokenizer.json")).unwrap();
    let other = Encoder::new(&text("config.json"), tokenizer, &weights).unwrap();
    assert_eq!(other.embed(&texts).unwrap(), found, "either file of words will do");
}
