//! What a project's author is told: for each wrong project the exact messages, all in one snapshot. Every message must
//! have its file, its line with a caret, and a hint.

use std::fmt::Write;

use strata_spec::manifest::{DECISIONS, Manifest};

/// What is wrong, the manifest, and the text of a file under `segments/`, or of `identity.toml` (none where empty).
type Case = (&'static str, &'static str, &'static str);

/// A manifest without faults, for cases whose fault lies in the second file.
const GOOD: &str = "[project]\ntitle = \"T\"\n";

#[test]
fn every_mistake_has_its_place_and_a_hint() {
    let mut told = String::new();
    for (what, manifest, segments) in CASES {
        let mut files = vec![("strata.toml".to_owned(), (*manifest).to_owned())];
        if !segments.is_empty() {
            let name = if what.starts_with("decisions") { DECISIONS } else { "segments/s.toml" };
            files.push((name.to_owned(), (*segments).to_owned()));
        }
        let errors = Manifest::parse(&files).err().unwrap_or_default();
        assert!(!errors.is_empty(), "passed: {what}");
        let _ = writeln!(told, "## {what}");
        for error in errors {
            assert!(
                error.place.is_some() && error.position.is_some() && error.line.is_some(),
                "{what}: {error:?}"
            );
            let hint = error.hint.clone();
            assert!(hint.is_some(), "{what}: {error:?}");
            let _ = writeln!(told, "{error}\nhint: {}", hint.unwrap_or_default());
        }
        let _ = writeln!(told);
    }
    insta::assert_snapshot!(told);
}

const CASES: &[Case] = &[
    // Priorities
    (
        "priorities",
        "[project]\ntitle = \"T\"\n[identity.priority]\nemail = [\"crm\"]\n[identity.priority.customers]\nemial = [\"crm\"]\nemail = [\"crn\", \"shop\", 3]\ncustomer_id = [\"crm\"]\nphone = \"crm\"\n[sources.crm]\npath = \"c.csv\"\n[sources.crm.customers.columns]\ncustomer_id = \"id\"\nemail = \"mail\"\n[sources.shop]\npath = \"s.csv\"\n[sources.shop.customers.columns]\ncustomer_id = \"id\"\n",
        "",
    ),
    // The project
    ("not TOML", "[project\ntitle = \"T\"\nseed = \n", ""),
    ("the same key twice", "[project]\ntitle = \"T\"\ntitle = \"U\"\n", ""),
    ("no project", "[sources.a]\npath = \"a.csv\"\n[sources.a.feedback.columns]\ntext = \"t\"\n", ""),
    ("no title", "[project]\ntimezone = \"UTC\"\n", ""),
    ("an empty title", "[project]\ntitle = \"\"\n", ""),
    ("unknown sections", "[project]\ntitle = \"T\"\n[source.a]\npath = \"a\"\n[zebra]\n", ""),
    ("unknown keys", "[project]\ntitel = \"T\"\ntitle = \"T\"\nzebra = 1\n", ""),
    ("wrong types", "[project]\ntitle = 3\ntimezone = [\"UTC\"]\nseed = \"7\"\n", ""),
    ("a section that is a value", "project = \"T\"\nsources = 1\n", ""),
    ("an empty time zone", "[project]\ntitle = \"T\"\ntimezone = \"\"\n", ""),
    ("a negative seed", "[project]\ntitle = \"T\"\nseed = -1\n", ""),
    ("a fiscal year", "[project]\ntitle = \"T\"\nfiscal_year_start = 13\n", ""),
    ("a fiscal year in words", "[project]\ntitle = \"T\"\nfiscal_year_start = \"April\"\n", ""),
    ("a currency in small letters", "[project]\ntitle = \"T\"\ncurrency = \"eur\"\n", ""),
    ("an instant that is none", "[project]\ntitle = \"T\"\nas_of = \"1997-9-30\"\n", ""),
    ("an instant without offset", "[project]\ntitle = \"T\"\nas_of = 1997-09-30T12:00:00\n", ""),
    (
        "rates",
        "[project]\ntitle = \"T\"\ncurrency = \"EUR\"\n[currencies]\nUSD = 0\nGBP = \"1.2\"\nCHF = inf\nusd = 1.0\nEUR = 1.0\n",
        "",
    ),
    ("rates into nothing", "[project]\ntitle = \"T\"\n[currencies]\nUSD = 0.9\n", ""),
    (
        "what held at other times",
        GOOD,
        "[traits.place]\nvalue = \"rank(n_orders)\"\n[traits.was_vip]\nvalue = \"was_in('a')\"\n[segments.a]\nwhere = \"changed(n_orders) or changed_to(planet, 'mars') or has_been(ctiy, 'Bonn') > '1 day'\"\n[segments.b]\nwhere = \"entered('c') or left('age_band', 'old')\"\n[segments.c]\nwhere = \"was_in('b')\"\n",
    ),
    (
        "sequences and people of companies",
        GOOD,
        "[segments.a]\nwhere = \"sequence(step(events, nme = 'x'), no_step(order_lines, '7 days'), same(session_id))\"\n[segments.b]\nsubject = \"companies\"\nwhere = \"count(customers) filter (where n_orders > 1 and m_orders > 1) > 0\"\n",
    ),
    // Properties
    (
        "properties",
        "[project]\ntitle = \"T\"\n[properties.customer]\na = \"text\"\n[properties.customers]\nEmail = \"text\"\nsource = \"text\"\n_b = \"text\"\ntier = \"string\"\nTier = \"text\"\n\"\" = \"text\"\nn = 3\n",
        "",
    ),
    // Identity
    (
        "identity",
        "[project]\ntitle = \"T\"\n[identity]\njoin_by = [\"mail\"]\nblocked = 1\nmax_values = 0\ncountry = \"de\"\njoin = true\n",
        "",
    ),
    (
        "decisions",
        GOOD,
        "[[together]]\nidentifiers = [\"1\"]\n[[apart]]\nidentifiers = [\"1\", \"1\"]\n[merge]\n",
    ),
    (
        "a namespace that is an identifier",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\nnamespace = \"email\"\n[sources.a.feedback.columns]\ntext = \"t\"\n",
        "",
    ),
    // Sources
    ("a source without path and tables", "[project]\ntitle = \"T\"\n[sources.shop]\nformat = \"csv\"\n", ""),
    (
        "a source's name",
        "[project]\ntitle = \"T\"\n[sources.Shop-1]\npath = \"a\"\n[sources.Shop-1.feedback.columns]\ntext = \"t\"\n",
        "",
    ),
    (
        "words of a source",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\nformat = \"xlsx\"\nkeep = \"lates\"\ndate_order = \"dmy\"\ndecimal = 1\ndelimiter = \"tab\"\nquote = \"“\"\npaht = \"b\"\n[sources.a.feedback.columns]\ntext = \"t\"\n",
        "",
    ),
    (
        "keys of CSV for Parquet",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\nformat = \"parquet\"\ndelimiter = \";\"\nheader = \"no\"\n[sources.a.feedback.columns]\ntext = \"t\"\n",
        "",
    ),
    (
        "tables in the singular",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\n[sources.a.order.columns]\norder_id = \"x\"\n[sources.a.zebras.columns]\na = \"x\"\n",
        "",
    ),
    ("a table that is none", "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\norders = \"all\"\n", ""),
    (
        "columns that are not there",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\n[sources.a.feedback.columns]\ntext = \"t\"\nratng = \"r\"\nzebra = \"z\"\n",
        "",
    ),
    (
        "required columns",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\n[sources.a.orders]\nwhere = \"x\"\n[sources.a.order_lines.columns]\namount = \"x\"\n[sources.a.responses.columns]\nsurvey = \"s\"\n",
        "",
    ),
    (
        "column sources",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\n[sources.a.feedback.columns]\ntext = { sqll = \"x\" }\nrating = 3\nchannel = \"\"\nproduct_id = { sql = \"\" }\n",
        "",
    ),
    (
        "questions",
        "[project]\ntitle = \"T\"\n[sources.a]\npath = \"a\"\n[sources.a.responses]\nquestions = \"all\"\n[sources.b]\npath = \"b\"\n[sources.b.responses]\nquestions = [\"q1\", \"q1\"]\n[sources.c]\npath = \"c\"\n[sources.c.feedback]\nquestions = \"rest\"\n[sources.c.feedback.columns]\ntext = \"t\"\n[sources.d]\npath = \"d\"\n[sources.d.responses]\nquestions = []\n",
        "",
    ),
    // Definitions in themselves
    (
        "a project's section in a file of definitions",
        GOOD,
        "[sources.a]\npath = \"a\"\n[segment.b]\nwhere = \"true\"\n",
    ),
    ("a name with capitals", GOOD, "[segments.VIPs]\nwhere = \"true\"\n"),
    (
        "a name given twice",
        "[project]\ntitle = \"T\"\n\n[segments.zz_vip]\nwhere = \"true\"\n",
        "[segments.zz_vip]\nwhere = \"true\"\n",
    ),
    (
        "unknown keys of definitions",
        GOOD,
        "[traits.zz_t]\nvalue = \"1\"\nwhere = \"true\"\n[segments.zz_s]\nwhere = \"true\"\ngoals = \"x\"\nlayer = \"behavioral\"\nsubject = \"persons\"\n",
    ),
    (
        "definitions without their texts",
        GOOD,
        "[traits.zz_t]\n[scores.zz_r]\n[segments.zz_s]\n[segmentations.zz_g]\n",
    ),
    (
        "scores",
        GOOD,
        "[scores.zz_r]\nby = \"country\"\ntiles = 1\ndescending = \"yes\"\n[scores.zz_q]\nby = \"contry\"\namong = \"country = \"\n",
    ),
    (
        "predictions",
        GOOD,
        "[scores.zz_a]\nmodel = \"bgnbd\"\npredicts = \"expected_purchases\"\n[scores.zz_b]\nmodel = \"pareto_nbd\"\npredicts = \"days_to_next_purchase\"\n[scores.zz_c]\nmodel = \"bg_nbd\"\nby = \"revenue\"\nhorizon_days = 0\ndiscount_rate = 10\n[scores.zz_d]\nmodel = \"classifier\"\nhorizon_days = 9000\npredicts = \"churn_risk\"\n[scores.zz_e]\nmodel = \"classifier\"\nfeatures = []\n[scores.zz_f]\nmodel = \"classifier\"\nfeatures = [\"n_order\"]\n[scores.zz_g]\nby = \"revenue\"\nhorizon_days = 30\n",
    ),
    (
        "classes",
        GOOD,
        "[[segmentations.zz_g.classes]]\nname = \"a\"\nwhere = \"true\"\n[[segmentations.zz_g.classes]]\nname = \"a\"\nwhere = \"true\"\n[[segmentations.zz_g.classes]]\nname = \"Big Ones\"\nwhere = \"true\"\n[[segmentations.zz_g.classes]]\nname = \"unassigned\"\n[segmentations.zz_h]\nclasses = []\n",
    ),
    (
        "classes and by",
        GOOD,
        "[segmentations.zz_g]\nby = \"country\"\n[[segmentations.zz_g.classes]]\nname = \"a\"\nwhere = \"true\"\n",
    ),
    ("ids that are numbers", GOOD, "[segments.zz_s]\nwhere = \"true\"\ninclude = [1042]\nexclude = \"a\"\n"),
    (
        "examples",
        GOOD,
        "[segments.zz_s]\nwhere = \"true\"\n[[segments.zz_s.examples]]\ncompany = { name = \"x\" }\n[[segments.zz_s.examples]]\ncustomer = { contry = \"DE\", age = [1], income = nan }\norders = { amount = 1 }\nmember = \"maybe\"\n",
    ),
    (
        "countries by their names",
        GOOD,
        "[segments.zz_s]\nwhere = \"country in ('DE', 'austria', 'Atlantis') or company.country <> 'UK'\"\n",
    ),
    // Texts
    (
        "a syntax error in a condition, on its line of the file",
        GOOD,
        "[segments.zz_s]\nwhere = \"\"\"\n  country = 'DE'\n  and city = = 'Bonn'\n\"\"\"\n",
    ),
    ("a syntax error in a trait", GOOD, "[traits.zz_t]\nvalue = \"count(order)\"\n"),
    (
        "a name behind escapes",
        GOOD,
        "[segments.zz_s]\nwhere = \"country = 'Köln \\u00e9\\t\\\"' and ctiy = 'x'\"\n",
    ),
    (
        "a name behind a joined line",
        GOOD,
        "[segments.zz_s]\nwhere = \"\"\"country = 'DE' and \\\n    ctiy = 'x'\"\"\"\n",
    ),
    // Names that must be there
    (
        "columns that are not there",
        GOOD,
        "[segments.zz_s]\nwhere = '''\ncontry = 'DE' and zebra = 1\nand count(orders) filter (where amout > 1 or country = 'DE' or zebra = 2) > 0\nand company.industri = 'x'\n'''\n",
    ),
    ("a column of another table", GOOD, "[traits.zz_t]\nvalue = \"sum(orders.quantity)\"\n"),
    ("rows that a subject has not", GOOD, "[segments.zz_s]\nwhere = \"count(companies) > 0\"\n"),
    (
        "segments and classes that are not there",
        GOOD,
        "[segments.zz_vip]\nwhere = \"true\"\n[segments.zz_s]\nwhere = \"in_segment('zz_vpi') or in_class('zz_gg', 'a') or in_class('zz_g', 'b1') or in_class('zz_g', 'unassigned')\"\n[[segmentations.zz_g.classes]]\nname = \"a1\"\nwhere = \"true\"\n",
    ),
    (
        "another subject's",
        GOOD,
        "[traits.zz_t]\nsubject = \"companies\"\nvalue = \"count(orders)\"\n[segments.zz_c]\nsubject = \"companies\"\nwhere = \"true\"\n[segments.zz_s]\nwhere = \"zz_t > 1 or in_segment('zz_c')\"\n",
    ),
    (
        "traits and scores that reach ahead",
        GOOD,
        "[traits.zz_t]\nvalue = \"case when in_segment('zz_s') then 1 else 0 end\"\n[traits.zz_u]\nvalue = \"zz_r + 1\"\n[scores.zz_r]\nby = \"zz_t\"\namong = \"in_class('zz_g', 'a')\"\n[segments.zz_s]\nwhere = \"zz_r > 1\"\n[segmentations.zz_g]\nby = \"country\"\n",
    ),
    (
        "names taken",
        "[project]\ntitle = \"T\"\n[properties.customers]\nzz_tier = \"text\"\n",
        "[traits.age]\nvalue = \"1\"\n[traits.zz_tier]\nvalue = \"1\"\n[traits.zz_t]\nvalue = \"1\"\n[scores.zz_t]\nby = \"age\"\n",
    ),
    (
        "needs",
        GOOD,
        "[traits.zz_t]\nvalue = \"1\"\nneeds_any = [\"orders.amout\", \"order.amount\", \"zz_tt\", \"zz_t\", \"orders.amount\"]\n",
    ),
    // Cycles
    ("a trait of itself", GOOD, "[traits.zz_a]\nvalue = \"zz_a + 1\"\n"),
    (
        "a cycle of traits",
        GOOD,
        "[traits.zz_a]\nvalue = \"zz_b\"\n[traits.zz_b]\nvalue = \"1 + zz_c\"\n[traits.zz_c]\nvalue = \"zz_a\"\n[traits.zz_d]\nvalue = \"zz_a\"\n",
    ),
    (
        "a cycle of segments and a segmentation",
        GOOD,
        "[segments.zz_a]\nwhere = \"\"\"\ncountry = 'DE'\nand in_class('zz_g', 'x')\n\"\"\"\n[[segmentations.zz_g.classes]]\nname = \"x\"\nwhere = \"not in_segment('zz_b')\"\n[segments.zz_b]\nwhere = \"in_segment('zz_a')\"\n",
    ),
];
