//! Proposals for files of known and unknown systems, as whole manifests.

use std::path::{Path, PathBuf};

use super::*;

fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder)
}

/// A sample of a small file, read by the simplest means, so that these tests are of the proposal alone.
fn sample(folder: &str, name: &str) -> FileSample {
    let text = std::fs::read_to_string(data(folder).join(name)).unwrap();
    let dialect = |kind, delimiter, preamble| Dialect {
        kind,
        delimiter,
        header: true,
        encoding: "UTF-8".to_owned(),
        preamble,
    };
    let (columns, rows, dialect) = if name.ends_with("jsonl") {
        let objects: Vec<Vec<(String, Option<String>)>> =
            text.lines().map(|line| flat("", &serde_json::from_str(line).unwrap())).collect();
        let columns: Vec<String> = objects[0].iter().map(|(key, _)| key.clone()).collect();
        let rows =
            objects.into_iter().map(|object| object.into_iter().map(|(_, value)| value).collect()).collect();
        (columns, rows, dialect(FormatKind::JsonLines, ',', Vec::new()))
    } else {
        let preamble = text.lines().take_while(|line| line.starts_with('#') && !line.starts_with("#,"));
        let preamble: Vec<String> = preamble.map(str::to_owned).collect();
        let skipped = preamble.iter().map(|line| line.len() + 1).sum::<usize>();
        let delimiter = if text[skipped..].lines().next().unwrap().contains(';') { ';' } else { ',' };
        let mut records = csv(text[skipped..].trim_start_matches('\u{feff}'), delimiter);
        let columns = records.remove(0).into_iter().map(Option::unwrap_or_default).collect();
        (columns, records, dialect(FormatKind::Csv, delimiter, preamble))
    };
    FileSample { path: name.to_owned(), columns, rows, dates: Vec::new(), values: Vec::new(), dialect }
}

fn csv(text: &str, delimiter: char) -> Vec<Vec<Option<String>>> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter as u8).build();
    let (mut input, mut records, mut record, mut field) =
        (text.as_bytes(), Vec::new(), Vec::new(), Vec::new());
    let mut buffer = vec![0; 4096];
    loop {
        let (result, read, written) = reader.read_field(input, &mut buffer);
        input = &input[read..];
        field.extend_from_slice(&buffer[..written]);
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                let value = String::from_utf8(std::mem::take(&mut field)).unwrap();
                record.push((!value.is_empty()).then_some(value));
                if record_end {
                    records.push(std::mem::take(&mut record));
                }
            }
            csv_core::ReadFieldResult::End => return records,
            _ => {}
        }
    }
}

fn flat(prefix: &str, object: &serde_json::Map<String, serde_json::Value>) -> Vec<(String, Option<String>)> {
    let mut values = Vec::new();
    for (key, value) in object {
        let key = format!("{prefix}{key}");
        match value {
            serde_json::Value::Object(inner) => values.extend(flat(&format!("{key}."), inner)),
            serde_json::Value::Null => values.push((key, None)),
            serde_json::Value::String(text) => values.push((key, Some(text.clone()))),
            other => values.push((key, Some(other.to_string()))),
        }
    }
    values
}

fn propose_files(folder: &str, names: &[&str]) -> Proposal {
    let files: Vec<FileSample> = names.iter().map(|name| sample(folder, name)).collect();
    let options = Options { folder: "my-shop".to_owned(), today: "2024-05-10".parse().unwrap() };
    propose(&files, &options)
}

/// The manifest as text, after the project's own rules have found nothing wrong with it.
fn manifest(proposal: &Proposal) -> String {
    let text = write_manifest(proposal);
    if proposal.mapped().next().is_some() {
        let parsed = strata_spec::manifest::Manifest::parse(&[("strata.toml".to_owned(), text.clone())]);
        let manifest = parsed.unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"));
        assert_eq!(manifest.sources.len(), proposal.mapped().count(), "{text}");
    }
    text
}

fn check(name: &str, folder: &str, files: &[&str]) {
    insta::assert_snapshot!(name, manifest(&propose_files(folder, files)));
}

#[test]
fn known_exports_are_recognised_and_mapped() {
    for (file, title) in [
        ("shopify_orders_export.csv", "Shopify orders"),
        ("shopify_orders_2015.csv", "Shopify orders"),
        ("shopify_customers_export.csv", "Shopify customers"),
        ("woocommerce_customers.csv", "WooCommerce customers (Analytics)"),
        ("woocommerce_orders.csv", "WooCommerce orders (Analytics)"),
        ("bigcommerce_orders.csv", "BigCommerce orders"),
        ("bigcommerce_customers.csv", "BigCommerce customers"),
        ("subscribed_members_export_4f.csv", "Mailchimp audience"),
        ("unsubscribed_members_export_4f.csv", "Mailchimp audience"),
        ("cleaned_members_export_4f.csv", "Mailchimp audience"),
        ("hubspot_contacts.csv", "HubSpot contacts"),
        ("hubspot_companies.csv", "HubSpot companies"),
        ("hubspot_deals.csv", "HubSpot deals"),
        ("klaviyo_profiles.csv", "Klaviyo profiles"),
        ("stripe_payments_2019.csv", "Stripe payments"),
        ("unified_payments.csv", "Stripe payments"),
        ("stripe_customers.csv", "Stripe customers"),
        ("typeform_responses.csv", "Typeform responses"),
        ("hotjar_survey.csv", "Hotjar survey"),
        ("ga4_pages.csv", "Google Analytics 4 report"),
        ("ga4_users.csv", "Google Analytics 4 report"),
        ("events_20240301.jsonl", "Google Analytics 4 events from BigQuery"),
        ("mixpanel_export.jsonl", "Mixpanel raw export"),
    ] {
        let proposal = propose_files("exports", &[file]);
        assert_eq!(proposal.sources[0].title, title, "{file}");
        check(file, "exports", &[file]);
    }
}

#[test]
fn unknown_files_are_mapped_by_headers_and_values() {
    for (file, tables) in [
        ("orders.csv", &[Table::Customers, Table::Orders][..]),
        ("kunden.csv", &[Table::Customers]),
        ("bestellungen.csv", &[Table::OrderLines]),
        ("ventes.csv", &[Table::Orders]),
        ("clientes.csv", &[Table::Customers]),
        ("pedidos.csv", &[Table::Orders]),
        ("online_retail.csv", &[Table::Customers, Table::OrderLines]),
        ("accounts.csv", &[Table::Companies]),
        ("sales_pipeline.csv", &[Table::Orders, Table::OrderLines]),
        ("events.csv", &[Table::Events]),
        ("reviews.csv", &[Table::Feedback]),
        ("survey_points.csv", &[Table::Customers, Table::Responses]),
        ("crm.csv", &[Table::Customers]),
        ("weather.csv", &[]),
    ] {
        let proposal = propose_files("unknown", &[file]);
        let found: Vec<Table> = proposal.sources[0].tables.iter().map(|table| table.table).collect();
        assert_eq!(found, tables, "{file}");
        check(file, "unknown", &[file]);
    }
}

#[test]
fn sources_of_one_project_name_customers_alike() {
    let shop = [
        "shopify_orders_export.csv",
        "shopify_customers_export.csv",
        "subscribed_members_export_4f.csv",
        "unsubscribed_members_export_4f.csv",
        "mixpanel_export.jsonl",
    ];
    check("project_of_a_shop", "exports", &shop);
    check("project_of_woocommerce", "exports", &["woocommerce_orders.csv", "woocommerce_customers.csv"]);
    check(
        "project_of_hubspot",
        "exports",
        &["hubspot_deals.csv", "hubspot_companies.csv", "hubspot_contacts.csv", "events_20240301.jsonl"],
    );
    check("project_of_unknown", "unknown", &["orders.csv", "crm.csv", "events.csv", "weather.csv"]);
}

pub(super) fn file(path: &str, columns: &[&str], rows: &[&[&str]]) -> FileSample {
    let cell = |value: &&str| (!value.is_empty()).then(|| (*value).to_owned());
    FileSample {
        path: path.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        dates: Vec::new(),
        values: Vec::new(),
        dialect: Dialect {
            kind: FormatKind::Csv,
            delimiter: ',',
            header: true,
            encoding: "UTF-8".to_owned(),
            preamble: Vec::new(),
        },
    }
}

pub(super) fn options(today: &str) -> Options {
    Options { folder: ".".to_owned(), today: today.parse().unwrap() }
}

#[test]
fn files_of_one_shape_are_one_source() {
    let order = |path: &str| {
        file(path, &["order_id", "customer_id", "date", "amount"], &[&["1", "c1", "2024-01-02", "5"]])
    };
    let files = [order("in/orders_2024-01.csv"), order("in/orders_2024-02.csv"), order("old/orders.csv")];
    let proposal = propose(&files, &options("2024-02-01"));
    let found: Vec<(&str, &str)> =
        proposal.sources.iter().map(|source| (source.name.as_str(), source.path.as_str())).collect();
    assert_eq!(found, [("orders", "in/orders_*.csv"), ("orders_2", "old/orders.csv")]);
    // A pattern that would meet a file of another shape is none.
    let files = [order("in/a1.csv"), order("in/a2.csv"), file("in/a3.csv", &["x"], &[&["1"]])];
    let paths: Vec<String> =
        propose(&files, &options("2024-02-01")).sources.into_iter().map(|source| source.path).collect();
    assert_eq!(paths, ["in/a1.csv", "in/a2.csv", "in/a3.csv"]);
}

#[test]
fn old_files_are_evaluated_at_their_end() {
    let columns = ["order_id", "customer_id", "date", "birth date", "amount"];
    for (dates, today, as_of) in [
        (["2023-12-01", "2023-12-31"], "2024-02-01", Some("2024-01-01")),
        (["2023-12-01", "2023-12-31"], "2024-01-30", None),
        (["2023-12-01", "9999-12-31"], "2024-02-01", Some("2023-12-02")),
        (["05/12/2023", "31/12/2023"], "2024-02-01", Some("2024-01-01")),
    ] {
        let rows: [&[&str]; 2] =
            [&["1", "c1", dates[0], "2024-01-31", "5"], &["2", "c2", dates[1], "1990-01-01", "6"]];
        let proposal = propose(&[file("orders.csv", &columns, &rows)], &options(today));
        let found = proposal.as_of.map(|as_of| as_of.value.to_string());
        assert_eq!(found.as_deref(), as_of, "{dates:?}");
    }
}

#[test]
fn the_whole_files_dates_count_before_the_samples() {
    let mut orders =
        file("o.csv", &["order_id", "customer_id", "date", "amount"], &[&["1", "c1", "2020-01-02", "5"]]);
    let mut facts = DateFacts::default();
    facts.observe("2024-01-31");
    orders.dates = vec![DateFacts::default(), DateFacts::default(), facts, DateFacts::default()];
    assert_eq!(propose(&[orders], &options("2024-02-01")).as_of, None);
}

#[test]
fn the_end_of_a_file_is_not_guessed_from_its_beginning() {
    let row: &[&str] = &["1", "c1", "2020-01-02", "5"];
    for (n_rows, as_of) in [(999, Some("2020-01-03")), (1_000, None)] {
        let orders = file("o.csv", &["order_id", "customer_id", "date", "amount"], &vec![row; n_rows]);
        let found = propose(&[orders], &options("2024-02-01")).as_of.map(|as_of| as_of.value.to_string());
        assert_eq!(found.as_deref(), as_of, "{n_rows} rows");
    }
}

/// The columns of the first source that has the table, as the manifest shows them.
fn columns(proposal: &Proposal, table: Table) -> Vec<(String, String)> {
    let tables = proposal.sources.iter().flat_map(|source| &source.tables);
    let Some(found) = tables.into_iter().find(|each| each.table == table) else { return Vec::new() };
    let shown = |source: &ColumnSource| match source {
        ColumnSource::Column(name) => name.clone(),
        ColumnSource::Sql(sql) => sql.clone(),
    };
    found.columns.iter().map(|column| (column.name.clone(), shown(&column.source))).collect()
}

#[test]
fn rows_carry_every_identifier_that_they_have() {
    let id = "nullif(\"customer_id\", '')";
    let email = "nullif(lower(trim(\"email\")), '')";
    let guests = format!("coalesce({id}, {email})");
    let device = "nullif(\"customer_id\", '')";
    for (names, cells, customer, identifiers) in [
        (
            &["customer_id", "email", "phone"][..],
            &["c1", "a@example.com", "+49 30 123456"][..],
            "customer_id",
            2,
        ),
        (&["email", "phone"], &["a@example.com", "+49 30 123456"], email, 2),
        (&["phone"], &["+49 30 123456"], "nullif(trim(\"phone\"), '')", 1),
        (&["customer_id"], &["c1"], "customer_id", 0),
    ] {
        let header = [&["order_id", "date", "amount"], names].concat();
        let row = [&["1", "2024-01-02", "5"], cells].concat();
        let proposal = propose(&[file("o.csv", &header, &[&row])], &options("2024-02-01"));
        let found = columns(&proposal, Table::Orders);
        assert!(found.contains(&("customer_id".to_owned(), customer.to_owned())), "{names:?}: {found:?}");
        let n = found.iter().filter(|(name, _)| name == "email" || name == "phone").count();
        assert_eq!(n, identifiers, "{names:?}: {found:?}");
        manifest(&proposal);
    }
    // A guest's order has no id; whoever is listed among the customers has one.
    let rows: [&[&str]; 2] =
        [&["1", "c1", "a@example.com", "2024-01-02", "5"], &["2", "", "b@example.com", "2024-01-02", "5"]];
    let orders = file("o.csv", &["order_id", "customer_id", "email", "date", "amount"], &rows);
    let proposal = propose(&[orders], &options("2024-02-01"));
    let order_id = &columns(&proposal, Table::Orders)[1];
    assert_eq!((order_id.0.as_str(), order_id.1.as_str()), ("customer_id", "customer_id"));
    assert_eq!(columns(&proposal, Table::Customers)[0].1, guests);
    // Only a device: a customer where no source knows better, nobody where one does.
    let visit: &[&str] = &["page_view", "2024-01-02", "d1", "c1"];
    let events = file(
        "e.csv",
        &["event", "date", "device_id", "customer_id"],
        &[visit, &["x", "2024-01-02", "d2", ""]],
    );
    let alone = propose(std::slice::from_ref(&events), &options("2024-02-01"));
    let known = columns(&alone, Table::Events).into_iter().find(|(name, _)| name == "customer_id");
    assert_eq!(known.map(|(_, sql)| sql), Some(format!("coalesce({device}, nullif(\"device_id\", ''))")));
    let people = file("c.csv", &["customer_id", "email"], &[&["c1", "a@example.com"]]);
    let known = columns(&propose(&[events, people], &options("2024-02-01")), Table::Events);
    assert!(known.contains(&("customer_id".to_owned(), "customer_id".to_owned())), "{known:?}");
}

#[test]
fn ids_of_several_systems_have_namespaces() {
    let list = |path: &str, header: &str, ids: &[String]| {
        let rows: Vec<[&str; 2]> = ids.iter().map(|id| [id.as_str(), "a@example.com"]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        file(path, &[header, "email"], &rows)
    };
    let ids = |prefix: &str, range: std::ops::Range<u32>| -> Vec<String> {
        range.map(|number| format!("{prefix}{number}")).collect()
    };
    let cases = [
        ("shared", ("customer_id", ids("C9", 0..50)), ("user_id", ids("C9", 40..90)), false),
        ("none shared", ("customer_id", ids("C9", 0..50)), ("member_number", ids("LC", 0..50)), true),
        ("one name, alike", ("customer_id", ids("C9", 10..50)), ("customer_id", ids("C9", 50..90)), false),
        (
            "one name, unlike",
            ("customer_id", ids("C9", 10..50)),
            ("customer_id", ids("", 1_000_000..1_000_050)),
            true,
        ),
        ("both count from one", ("customer_id", ids("", 1..50)), ("member_number", ids("", 40..90)), true),
        ("one is part of the other", ("customer_id", ids("", 1..50)), ("user_id", ids("", 10..20)), false),
    ];
    for (case, one, other, apart) in cases {
        let files = [list("one.csv", one.0, &one.1), list("in/other.csv", other.0, &other.1)];
        let proposal = propose(&files, &options("2024-02-01"));
        let found: Vec<Option<&str>> = proposal
            .sources
            .iter()
            .map(|source| source.namespace.as_ref().map(|namespace| namespace.value.as_str()))
            .collect();
        let expected = if apart { [Some("one"), Some("other")] } else { [None, None] };
        assert_eq!(found, expected, "{case}");
        manifest(&proposal);
    }
}

#[test]
fn lines_of_cancelled_orders_are_left_out() {
    let columns = ["Auftragsnummer", "Kundennummer", "Datum", "Artikel", "Menge", "Preis", "Status"];
    let row = |status: &'static str| ["1", "K1", "2024-01-02", "Mug", "1", "5", status];
    for (states, filter) in [
        (["bezahlt", "storniert", "bezahlt"], Some("coalesce(\"Status\", '') not in ('storniert')")),
        (["bezahlt", "offen", ""], None),
    ] {
        let rows = states.map(row);
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        let proposal = propose(&[file("a.csv", &columns, &rows)], &options("2024-02-01"));
        let mut tables = proposal.sources.iter().flat_map(|source| &source.tables);
        let lines = tables.find(|table| table.table == Table::OrderLines).unwrap();
        assert_eq!(lines.filter.as_deref(), filter, "{states:?}");
    }
}

#[test]
fn telephone_numbers_are_those_of_most_customers_country() {
    for (countries, expected) in [
        (["DE", "Germany", "AT"], Some("country = \"DE\"")),
        (["DE", "AT", "CH"], Some("# country = \"DE\"")),
        (["", "", ""], Some("# country = \"DE\"")),
    ] {
        let [one, two, three] = countries;
        let rows = [["c1", "030 123456", one], ["c2", "030 123457", two], ["c3", "+43 1 123456", three]];
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        let text = manifest(&propose(
            &[file("c.csv", &["customer_id", "phone", "country"], &rows)],
            &options("2024-02-01"),
        ));
        let found = text
            .lines()
            .find(|line| line.contains("country = \"DE\""))
            .and_then(|line| line.split("  #").next());
        assert_eq!(found, expected, "{countries:?}");
    }
    let none = manifest(&propose(
        &[file("c.csv", &["customer_id", "email"], &[&["c1", "a@example.com"]])],
        &options("2024-02-01"),
    ));
    assert!(!none.contains("[identity]"), "{none}");
}

#[test]
fn nothing_to_go_by_is_said() {
    for (sample, reason) in [
        (file("a.csv", &[], &[]), "the file is empty"),
        (file("a.csv", &["order_id", "customer_id", "date", "amount"], &[]), "has a header and no rows"),
        (file("a.csv", &["x", "y"], &[&["1", "2"]]), "neither customers"),
        (
            file("a.txt", &["id  date"], &[&["1 20240101  5.00"], &["2 20240102  7.50"]]),
            "set apart by spaces",
        ),
    ] {
        let proposal = propose(std::slice::from_ref(&sample), &options("2024-02-01"));
        assert_eq!(proposal.mapped().count(), 0);
        let left_out = proposal.sources[0].left_out.as_deref().unwrap_or_default();
        assert!(left_out.contains(reason), "{left_out}");
        let text = write_manifest(&proposal);
        assert!(text.contains("# path = \"a."), "{text}");
        assert!(toml::from_str::<toml::Table>(&text).unwrap().get("sources").is_none(), "{text}");
    }
}

#[test]
fn names_of_canonical_columns_decide_the_table() {
    for (columns, expected) in [
        (&["event_id", "customer_id", "occurred_at", "name", "value"][..], Some(Table::Events)),
        (&["order_id", "customer_id", "ordered_at", "amount"], Some(Table::Orders)),
        (&["order_id", "line_id", "customer_id", "ordered_at", "amount"], Some(Table::OrderLines)),
        (&["order_id", "customer_id", "ordered_at", "amount", "city", "country"], Some(Table::Orders)),
        (&["customer_id", "company_id", "country", "city"], Some(Table::Customers)),
        (&["company_id", "name", "country", "city", "industry"], Some(Table::Companies)),
        (&["customer_id", "question", "answer"], Some(Table::Responses)),
        // Others than these say so themselves: the required time has another name, or most names are others.
        (&["order_id", "customer_id", "email", "city", "country", "date", "amount"], Some(Table::Orders)),
        (&["customer_id", "x", "y", "z"], None),
    ] {
        let rows: Vec<Vec<String>> =
            (0..20).map(|row| columns.iter().map(|name| cell(name, row)).collect()).collect();
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let proposal = propose(&[file("in.csv", columns, &rows)], &options("2024-05-10"));
        let found = proposal.sources[0].tables.iter().map(|table| table.table).rfind(|_| true);
        assert_eq!(found, expected, "{columns:?}");
    }
}

/// A likely value of a canonical column.
fn cell(name: &str, row: usize) -> String {
    let kind = Table::ALL.into_iter().find_map(|table| table.column(name)).map(|column| column.kind);
    match kind {
        Some(strata_spec::table::Kind::Number | strata_spec::table::Kind::Integer) => format!("{row}.50"),
        Some(strata_spec::table::Kind::Timestamp | strata_spec::table::Kind::Date) => "2024-05-01".to_owned(),
        _ if name == "date" => "2024-05-01".to_owned(),
        _ if name == "city" || name == "country" => "Peru".to_owned(),
        _ => format!("{name}{row}"),
    }
}

#[test]
fn the_demo_shop_in_canonical_tables_is_taken_for_these() {
    let folder = tempfile::tempdir().unwrap();
    let shop = crate::demo::DemoOptions { n_customers: 300, seed: 0, parquet: true };
    crate::demo::write(folder.path(), &shop, &|_| ()).unwrap();
    let today = "2026-06-01".parse().unwrap();
    let created =
        create(&[folder.path().join(crate::demo::EXPORTS)], &folder.path().join("project"), today, false)
            .unwrap();
    let text = std::fs::read_to_string(created.manifest).unwrap();
    let manifest =
        strata_spec::manifest::Manifest::parse(&[("strata.toml".to_owned(), text.clone())]).unwrap();
    assert_eq!(manifest.sources.len(), Table::ALL.len(), "{text}");
    for source in manifest.sources {
        let tables: Vec<Table> = source.tables.iter().map(|table| table.table).collect();
        let expected = Table::ALL.into_iter().find(|table| source.name.as_str() == table.as_str()).unwrap();
        assert_eq!(tables, [expected], "{text}");
        let path = folder.path().join("project").join(&source.path);
        let headers =
            crate::source::read::read(&path, &Default::default()).unwrap().dialect().columns.clone();
        for header in headers {
            let mapped = source.tables[0].columns.iter().find(|(name, _)| *name == header);
            let (_, from) = mapped.unwrap_or_else(|| panic!("{header} of {expected} is not mapped:\n{text}"));
            assert_eq!(draft::names_in(from), [header]);
        }
    }
}
