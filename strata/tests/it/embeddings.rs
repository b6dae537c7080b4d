//! Classifiers that go by what sentences mean: a made-up model of words that mean much the same, whose files the project names. A build without the
//! feature refuses the setting and says how to build it.

use serde_json::{Value, json};

use super::project::Project;
use super::text::shop;

/// Words beside the ones that a model must have, and on which side they lie.
const WORDS: [(&str, [f32; 4]); 8] = [
    ("shipment", [1.0, -1.0, 1.0, -1.0]),
    ("parcel", [1.0, -1.0, 0.9, -0.9]),
    ("courier", [0.9, -0.9, 1.0, -1.0]),
    ("delivery", [1.0, -0.9, 0.9, -1.0]),
    ("cloth", [1.0, 1.0, -1.0, -1.0]),
    ("jacket", [1.0, 0.9, -1.0, -0.9]),
    ("fabric", [0.9, 1.0, -0.9, -1.0]),
    ("sleeves", [0.9, 0.9, -1.0, -0.8]),
];
const MUST_HAVE: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

const TRAIN: [&str; 8] = ["text", "train", "labels.csv", "--text", "body", "--label", "team", "--json"];

/// Texts of which no other word than these three is in two: none of them is in what customers say.
fn labels() -> String {
    let rows = (0..25).map(|n| format!("shipment number {n},logistics\ncloth number {n},range\n"));
    let foreign = "Die Lieferung kam leider viel zu spät und der Fahrer war unfreundlich,logistics\n";
    format!("body,team\n{}{foreign}", rows.collect::<String>())
}

/// The shop of which customers complain and praise, with labels, a model in the folder `minilm` and a manifest that names it.
fn shop_with_model() -> Project {
    let project = shop();
    project.write("labels.csv", labels());
    std::fs::create_dir(project.path("minilm")).unwrap();
    let words = MUST_HAVE.into_iter().chain(WORDS.map(|(word, _)| word));
    project.write("minilm/vocab.txt", words.map(|word| format!("{word}\n")).collect::<String>());
    let config = json!({
        "model_type": "bert", "hidden_act": "gelu", "hidden_size": 4, "intermediate_size": 4, "num_attention_heads": 1,
        "num_hidden_layers": 1, "max_position_embeddings": 64, "type_vocab_size": 2, "vocab_size": 12, "layer_norm_eps": 1e-12,
    });
    project.write("minilm/config.json", config.to_string());
    project.write("minilm/model.safetensors", weights(1.0));
    project.edit("[properties.customers]", "[text]\nembeddings = \"minilm\"\n\n[properties.customers]");
    project
}

/// Weights with which a layer changes nothing, so that a text lies where its words do.
fn weights(scale: f32) -> Vec<u8> {
    let of_layer = |name: &str, part: &str| format!("encoder.layer.0.{name}.{part}");
    let mut arrays: Vec<(String, Vec<usize>, f32)> = vec![
        ("embeddings.position_embeddings.weight".to_owned(), vec![64, 4], 0.0),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, 4], 0.0),
        ("embeddings.LayerNorm.weight".to_owned(), vec![4], scale),
        ("embeddings.LayerNorm.bias".to_owned(), vec![4], 0.0),
    ];
    for name in [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "intermediate.dense",
        "output.dense",
    ] {
        arrays.push((of_layer(name, "weight"), vec![4, 4], 0.0));
        arrays.push((of_layer(name, "bias"), vec![4], 0.0));
    }
    for name in ["attention.output.LayerNorm", "output.LayerNorm"] {
        arrays.push((of_layer(name, "weight"), vec![4], 1.0));
        arrays.push((of_layer(name, "bias"), vec![4], 0.0));
    }
    let arrays = arrays.into_iter().map(|(name, shape, number)| {
        let n = shape.iter().product();
        (name, shape, vec![number; n])
    });
    let points = WORDS.iter().flat_map(|(_, point)| point).copied();
    let words: Vec<f32> = std::iter::repeat_n(0.0, 4 * MUST_HAVE.len()).chain(points).collect();
    let words = ("embeddings.word_embeddings.weight".to_owned(), vec![12, 4], words);
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape, numbers) in arrays.chain([words]) {
        let begin = data.len();
        data.extend(numbers.iter().flat_map(|number: &f32| number.to_le_bytes()));
        header.insert(name, json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, data.len()] }));
    }
    let header = serde_json::to_vec(&header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

fn object(told: &str) -> Value {
    serde_json::from_str(told).unwrap()
}

#[cfg(feature = "embeddings")]
#[test]
fn words_that_nobody_labelled_are_told_by_what_they_mean() {
    let project = shop_with_model();
    let trained = object(&project.good(&TRAIN));
    assert_eq!((&trained["goes_by"], &trained["n_words"]), (&"embeddings".into(), &Value::Null), "{trained}");
    assert_eq!(
        (trained["n_foreign"].as_u64(), trained["validation"]["n_texts"].as_u64()),
        (Some(1), Some(50))
    );
    assert_eq!(trained["validation"]["accuracy"].as_f64(), Some(1.0));
    assert_eq!(trained["validation"]["by_words"].as_f64(), Some(1.0), "of what was labelled words would do");

    let sorted = object(&project.good(&["text", "classify", "--by", "kind", "--json", "--texts"]));
    assert_eq!((&sorted["goes_by"], &sorted["has_unused_embeddings"]), (&"embeddings".into(), &false.into()));
    assert_eq!((sorted["n_foreign"].as_u64(), sorted["n_unsure"].as_u64()), (Some(10), Some(10)), "{sorted}");
    let labels: Vec<(&str, u64)> = sorted["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| (label["label"].as_str().unwrap(), label["n_texts"].as_u64().unwrap()))
        .collect();
    assert_eq!(labels, [("logistics", 80), ("range", 80)]);
    let texts = sorted["texts"].as_array().unwrap();
    let label = |id: &str| &texts.iter().find(|text| text["feedback_id"] == id).unwrap()["label"];
    assert_eq!(
        (label("r3"), label("r83"), label("r165")),
        (&"logistics".into(), &"range".into(), &Value::Null)
    );

    let shown = project.good(&["text", "classify"]);
    assert!(shown.contains("Of these 10 are in another language than English"), "{shown}");
    let shown = project.good(&TRAIN[..7]);
    assert!(
        shown.contains("goes by embeddings of sentences") && shown.contains("1 rows in another language"),
        "{shown}"
    );
    assert!(shown.contains("By words it would be right for 100.0 %"), "{shown}");
}

#[cfg(feature = "embeddings")]
#[test]
fn a_model_that_is_not_the_one_is_refused() {
    let project = shop_with_model();
    // A classifier of words stays one until it is trained again.
    let manifest = std::fs::read_to_string(project.path("strata.toml")).unwrap();
    project.edit("embeddings = \"minilm\"", "");
    project.good(&[&TRAIN[..], &["--name", "by_words"]].concat());
    project.write("strata.toml", &manifest);
    let sorted = object(&project.good(&["text", "classify", "by_words", "--json"]));
    assert_eq!((&sorted["goes_by"], &sorted["n_unsure"]), (&"words".into(), &170.into()), "no word is known");
    let shown = project.good(&["text", "classify", "by_words"]);
    assert!(shown.contains("train it again to use them"), "{shown}");

    project.good(&TRAIN);
    project.edit("embeddings = \"minilm\"", "");
    project.strata(&["text", "classify", "team"]).refused(
        "no model",
        5,
        &["`team`", "[text]", "train it again"],
    );
    project.write("strata.toml", &manifest);
    project.write("minilm/model.safetensors", weights(2.0));
    project.strata(&["text", "classify", "team"]).refused(
        "another model",
        5,
        &["`team`", "text.embeddings", "train it again"],
    );
    project.write("minilm/model.safetensors", "version https://git-lfs.github.com/spec/v1");
    project.strata(&TRAIN).refused(
        "no weights",
        2,
        &["strata.toml:", "model.safetensors is not in the format", "MiniLM"],
    );
    std::fs::remove_file(project.path("minilm/vocab.txt")).unwrap();
    project.strata(&TRAIN).refused(
        "no words",
        2,
        &["strata.toml:", "no tokenizer.json", "nothing is downloaded"],
    );
}

#[cfg(not(feature = "embeddings"))]
#[test]
fn a_build_without_embeddings_says_how_to_build_it() {
    let project = shop_with_model();
    project.strata(&TRAIN).refused(
        "a model",
        2,
        &["strata.toml:", "without embeddings", "--features embeddings"],
    );
    assert!(!project.path("classifiers").exists(), "and nothing is learned by words instead");
    project.edit("embeddings = \"minilm\"", "");
    assert_eq!(object(&project.good(&TRAIN))["goes_by"], "words");
}
