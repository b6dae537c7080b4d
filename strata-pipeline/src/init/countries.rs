//! Names and codes of countries, as evidence that a column holds countries.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a value is the code or a customary name of a country.
pub(super) fn is_country(value: &str) -> bool {
    let upper_code = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic());
    if upper_code {
        return KNOWN.contains(value.to_uppercase().as_str());
    }
    KNOWN.contains(value.to_lowercase().as_str())
}

/// The ISO 3166 code of a country; of names only those of frequent countries are known.
pub(super) fn code(value: &str) -> Option<&'static str> {
    const CODED: &str = "DE deu germany deutschland allemagne alemania, AT aut austria österreich autriche, \
        CH che switzerland schweiz suisse suiza, FR fra france frankreich francia, ES esp spain spanien espagne españa, \
        IT ita italy italien italie italia, NL nld netherlands niederlande pays-bas, BE bel belgium belgien belgique, \
        GB gbr uk england scotland wales großbritannien, US usa, PL poland polen pologne polonia, \
        DK denmark dänemark danemark, SE sweden schweden suède suecia, NO norway norwegen norvège noruega, \
        FI finland finnland finlande, IE ireland eire irland irlande irlanda, CZ czechia tschechien, PT portugal, \
        LU luxembourg luxemburg, AU australia, CA canada canadá, MX mexico méxico, IN india, JP japan, BR brazil brasil";
    const SEVERAL_WORDS: [(&str, &str); 8] = [
        ("united kingdom", "GB"),
        ("great britain", "GB"),
        ("united states", "US"),
        ("united states of america", "US"),
        ("the netherlands", "NL"),
        ("czech republic", "CZ"),
        ("vereinigtes königreich", "GB"),
        ("vereinigte staaten", "US"),
    ];
    let name = value.to_lowercase();
    let upper = value.to_uppercase();
    if value.len() == 2 && upper != "UK" {
        return CODES.split_whitespace().find(|code| *code == upper);
    }
    let coded = CODED.split(',').find_map(|each| {
        let mut words = each.split_whitespace();
        let code = words.next()?;
        words.any(|word| word == name).then_some(code)
    });
    coded.or_else(|| SEVERAL_WORDS.into_iter().find(|(words, _)| *words == name).map(|(_, code)| code))
}

static KNOWN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| CODES.split_whitespace().chain(NAMES.split(',').map(str::trim)).collect());

/// ISO 3166-1 alpha-2, with the customary UK and EL.
const CODES: &str = "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY \
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH EL ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG \
    KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV \
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC \
    SD SE SG SH SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG UK US UY UZ VA VC \
    VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Names in English, and those of frequent countries in German, French and Spanish.
const NAMES: &str = "afghanistan, albania, algeria, andorra, angola, argentina, armenia, australia, austria, azerbaijan, \
    bahamas, bahrain, bangladesh, barbados, belarus, belgium, belize, benin, bhutan, bolivia, bosnia and herzegovina, botswana, \
    brazil, brunei, bulgaria, burkina faso, burundi, cambodia, cameroon, canada, channel islands, chad, chile, china, colombia, \
    congo, costa rica, croatia, cuba, cyprus, czech republic, czechia, denmark, djibouti, dominican republic, ecuador, egypt, \
    eire, el salvador, england, eritrea, estonia, ethiopia, fiji, finland, france, gabon, gambia, georgia, germany, ghana, \
    greece, guatemala, guinea, guyana, haiti, honduras, hong kong, hungary, iceland, india, indonesia, iran, iraq, ireland, \
    israel, italy, ivory coast, jamaica, japan, jordan, kazakhstan, kenya, kosovo, kuwait, kyrgyzstan, laos, latvia, lebanon, \
    lesotho, liberia, libya, liechtenstein, lithuania, luxembourg, macau, madagascar, malawi, malaysia, maldives, mali, malta, \
    mauritania, mauritius, mexico, moldova, monaco, mongolia, montenegro, morocco, mozambique, myanmar, namibia, nepal, \
    netherlands, the netherlands, new zealand, nicaragua, niger, nigeria, north macedonia, northern ireland, norway, oman, \
    pakistan, palestine, panama, papua new guinea, paraguay, peru, philippines, poland, portugal, puerto rico, qatar, rsa, \
    romania, russia, russian federation, rwanda, saudi arabia, scotland, senegal, serbia, sierra leone, singapore, slovakia, \
    slovenia, somalia, south africa, south korea, korea, spain, sri lanka, sudan, suriname, sweden, switzerland, syria, taiwan, \
    tajikistan, tanzania, thailand, togo, trinidad and tobago, tunisia, turkey, türkiye, turkmenistan, uganda, ukraine, \
    united arab emirates, united kingdom, great britain, united states, united states of america, uruguay, usa, uzbekistan, \
    venezuela, vietnam, viet nam, wales, yemen, zambia, zimbabwe, deu, aut, che, fra, esp, ita, gbr, nld, bel, \
    deutschland, österreich, schweiz, frankreich, spanien, italien, niederlande, belgien, luxemburg, großbritannien, \
    vereinigtes königreich, vereinigte staaten, polen, dänemark, schweden, norwegen, finnland, tschechien, ungarn, türkei, \
    griechenland, irland, allemagne, autriche, suisse, espagne, italie, pays-bas, belgique, royaume-uni, états-unis, pologne, \
    danemark, suède, norvège, finlande, grèce, irlande, maroc, algérie, tunisie, alemania, suiza, francia, españa, italia, \
    países bajos, bélgica, reino unido, estados unidos, polonia, dinamarca, suecia, noruega, grecia, irlanda, méxico, perú, \
    brasil, marruecos, canadá, panamá, república dominicana";

#[cfg(test)]
mod tests {
    use super::{code, is_country};

    #[test]
    fn codes_and_names_are_known() {
        for value in ["DE", "de", "United Kingdom", "ESPAÑA", "Österreich", "EIRE"] {
            assert!(is_country(value), "{value}");
        }
        for (value, expected) in [
            ("de", Some("DE")),
            ("Deutschland", Some("DE")),
            ("UK", Some("GB")),
            ("United States", Some("US")),
            ("Berlin", None),
        ] {
            assert_eq!(code(value), expected, "{value}");
        }
        for value in ["XX", "Berlin", "", "12"] {
            assert!(!is_country(value), "{value}");
        }
    }
}
