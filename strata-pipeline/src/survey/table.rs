//! What surveys are worth as the rows of the tables `scale`, `respondent` and `standard_score`, and back.

use std::sync::Arc;

use strata_lake::arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use strata_lake::arrow::error::ArrowError;
use strata_spec::error::ErrorCode;

use super::standing::OWN;
use super::{Respondent, ScaleQuality, StandardScore, SurveyQuality};
use crate::error::{Error, Result};
use crate::query::View;
use crate::query::ask::ask;

/// The table of scales: a row for each scale of each survey.
pub const SCALE: &str = "scale";

/// The table of those who answered: a row for each customer and survey.
pub const RESPONDENT: &str = "respondent";

/// The table of standard scores: a row for each respondent and rated scale.
pub const STANDARD_SCORE: &str = "standard_score";

/// The rows of the three tables.
pub(crate) fn batches(
    all: &[SurveyQuality],
    respondents: &[Respondent],
    view: &View,
) -> Result<[RecordBatch; 3]> {
    let describe = |error: ArrowError| {
        Error::new(ErrorCode::Internal, "cannot describe what surveys are worth").caused_by(error)
    };
    let of_scales = scales(all, &view.complete.run_id)?;
    let of_respondents = people(respondents, &view.complete.run_id).map_err(describe)?;
    let standard = standard_scores(respondents, &view.complete.run_id).map_err(describe)?;
    Ok([of_scales.map_err(describe)?, of_respondents, standard])
}

/// What the table `scale` says of surveys, in the order in which it was written.
///
/// # Errors
/// When the table cannot be read.
pub(crate) async fn read_back(view: &View) -> Result<Vec<SurveyQuality>> {
    if !view.complete.tables.contains_key(SCALE) {
        return Ok(Vec::new());
    }
    let rows = ask(
        view,
        "read what surveys are worth",
        &format!("select survey, quality from {SCALE} where place = 0 order by survey"),
    )
    .await?;
    let unread =
        |error| Error::new(ErrorCode::Internal, "cannot understand what surveys are worth").caused_by(error);
    rows.iter().map(|row| serde_json::from_str(row.text(1)).map_err(unread)).collect()
}

fn scales(all: &[SurveyQuality], run_id: &str) -> Result<std::result::Result<RecordBatch, ArrowError>> {
    let unsaid =
        |error| Error::new(ErrorCode::Internal, "cannot write down what a survey is worth").caused_by(error);
    let mut rows: Vec<(usize, &SurveyQuality, &ScaleQuality, String)> = Vec::new();
    for survey in all {
        for (place, scale) in survey.scales.iter().enumerate() {
            // The whole stands once for each survey.
            let whole =
                if place == 0 { serde_json::to_string(survey).map_err(unsaid)? } else { String::new() };
            rows.push((place, survey, scale, whole));
        }
    }
    let maybe = |of: &dyn Fn(&SurveyQuality, &ScaleQuality) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(|(_, survey, scale, _)| of(survey, scale)).collect::<StringArray>())
    };
    let texts = |of: &dyn Fn(&SurveyQuality, &ScaleQuality) -> String| -> ArrayRef {
        maybe(&|survey, scale| Some(of(survey, scale)))
    };
    let numbers = |of: &dyn Fn(&ScaleQuality) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(|(_, _, scale, _)| of(scale)).collect::<Float64Array>())
    };
    let counts = |of: &dyn Fn(&SurveyQuality, &ScaleQuality) -> usize| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(
            rows.iter().map(|(_, survey, scale, _)| of(survey, scale) as i64),
        ))
    };
    let columns = [
        ("survey", texts(&|survey, _| survey.survey.clone())),
        ("place", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0 as i64))) as ArrayRef),
        ("instrument", texts(&|survey, _| survey.instrument.clone())),
        ("dimension", texts(&|survey, _| survey.dimension.clone())),
        ("scale", texts(&|_, scale| scale.name.clone())),
        ("title", texts(&|_, scale| scale.title.clone())),
        ("n_respondents", counts(&|survey, _| survey.n_respondents)),
        ("n_careless", counts(&|survey, _| survey.n_careless)),
        ("n", counts(&|_, scale| scale.n)),
        ("n_items", counts(&|_, scale| scale.n_items)),
        ("mean", numbers(&|scale| scale.mean)),
        ("deviation", numbers(&|scale| scale.deviation)),
        ("alpha", numbers(&|scale| scale.alpha)),
        ("omega", numbers(&|scale| scale.omega)),
        (
            "reference",
            maybe(&|survey, scale| match &scale.standing {
                Some(standing) => Some(standing.file.clone()),
                None => survey.reference.as_ref().filter(|_| scale.n > 0).map(|_| OWN.to_owned()),
            }),
        ),
        ("mean_z", numbers(&|scale| Some(scale.standing.as_ref()?.mean_z))),
        ("mean_z_low", numbers(&|scale| Some(scale.standing.as_ref()?.interval?.0))),
        ("mean_z_high", numbers(&|scale| Some(scale.standing.as_ref()?.interval?.1))),
        ("verdict", texts(&|_, scale| scale.verdict().to_owned())),
        ("reasons", texts(&|_, scale| scale.reasons.join(" "))),
        (
            "quality",
            Arc::new(rows.iter().map(|row| (row.0 == 0).then(|| row.3.clone())).collect::<StringArray>()),
        ),
        ("run_id", Arc::new(StringArray::from(vec![run_id; rows.len()]))),
    ];
    Ok(RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))))
}

fn people(all: &[Respondent], run_id: &str) -> std::result::Result<RecordBatch, ArrowError> {
    let texts = |of: &dyn Fn(&Respondent) -> String| -> ArrayRef {
        Arc::new(all.iter().map(|one| Some(of(one))).collect::<StringArray>())
    };
    let n_answered = Int64Array::from_iter_values(all.iter().map(|one| one.n_answered as i64));
    let careless = all.iter().map(|one| Some(one.is_careless)).collect::<BooleanArray>();
    let columns = [
        ("customer_id", texts(&|one| one.customer_id.clone())),
        ("survey", texts(&|one| one.survey.clone())),
        ("n_answered", Arc::new(n_answered) as ArrayRef),
        ("is_careless", Arc::new(careless)),
        ("signs", texts(&|one| one.signs.join("; "))),
        ("run_id", Arc::new(StringArray::from(vec![run_id; all.len()]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

fn standard_scores(all: &[Respondent], run_id: &str) -> std::result::Result<RecordBatch, ArrowError> {
    let rows: Vec<(&Respondent, &StandardScore)> =
        all.iter().flat_map(|one| one.standard.iter().map(move |standard| (one, standard))).collect();
    let texts = |of: &dyn Fn(&Respondent, &StandardScore) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|(one, standard)| Some(of(one, standard))).collect::<StringArray>())
    };
    let numbers = |of: &dyn Fn(&StandardScore) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|(_, standard)| of(standard))))
    };
    let columns = [
        ("customer_id", texts(&|one, _| one.customer_id.clone())),
        ("survey", texts(&|one, _| one.survey.clone())),
        ("scale", texts(&|_, standard| standard.scale.clone())),
        ("reference", texts(&|_, standard| standard.reference.clone())),
        ("z", numbers(&|standard| standard.z)),
        ("t", numbers(&StandardScore::t)),
        ("run_id", texts(&|_, _| run_id.to_owned())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}
