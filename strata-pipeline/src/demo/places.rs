//! Where the customers live: real cities with a postal code, and how town-like they are.

/// A city, or a part of it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) city: &'static str,
    pub(super) region: &'static str,
    pub(super) region_code: &'static str,
    pub(super) country: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) urbanity: &'static str,
    /// How many customers come from here, relative to the others.
    pub(super) weight: f64,
}

impl Place {
    /// The climate zone after Köppen & Geiger, roughly: Alpine places are cold, the rest is temperate.
    pub(super) fn climate(&self) -> &'static str {
        match self.region {
            "Tirol" | "Graubünden" | "Vorarlberg" => "alpine",
            "Schleswig-Holstein" | "Zuid-Holland" | "Noord-Holland" | "Zeeland" | "Hamburg" | "Bremen" => {
                "oceanic"
            }
            _ => "temperate",
        }
    }

    /// What a telephone number begins with.
    pub(super) fn calling_code(&self) -> &'static str {
        match self.country {
            "AT" => "+43",
            "CH" => "+41",
            "NL" => "+31",
            _ => "+49",
        }
    }

    /// The language that most people speak.
    pub(super) fn language(&self) -> &'static str {
        match (self.country, self.region) {
            ("NL", _) => "nl",
            ("CH", "Genève" | "Vaud") => "fr",
            _ => "de",
        }
    }

    /// The country's name as business software writes it.
    pub(super) fn country_name(&self) -> &'static str {
        match self.country {
            "AT" => "Austria",
            "CH" => "Switzerland",
            "NL" => "Netherlands",
            _ => "Germany",
        }
    }
}

macro_rules! places {
    ($($city:literal $region:literal $code:literal $country:literal $zip:literal $lat:literal $lon:literal $urbanity:ident $weight:literal;)*) => {
        &[$(Place {
            city: $city,
            region: $region,
            region_code: $code,
            country: $country,
            postal_code: $zip,
            latitude: $lat,
            longitude: $lon,
            urbanity: stringify!($urbanity),
            weight: $weight as f64,
        }),*]
    };
}

/// City, region, its code, country, postal code, latitude, longitude, urbanity, weight.
pub(super) const PLACES: &[Place] = places! {
    "Berlin" "Berlin" "BE" "DE" "10115" 52.532 13.383 urban 60;
    "Berlin" "Berlin" "BE" "DE" "10997" 52.500 13.437 urban 40;
    "Berlin" "Berlin" "BE" "DE" "13187" 52.567 13.403 suburban 25;
    "Hamburg" "Hamburg" "HH" "DE" "20095" 53.551 10.001 urban 45;
    "Hamburg" "Hamburg" "HH" "DE" "22765" 53.553 9.929 urban 25;
    "München" "Bayern" "BY" "DE" "80331" 48.135 11.572 urban 40;
    "München" "Bayern" "BY" "DE" "81667" 48.130 11.599 urban 25;
    "Köln" "Nordrhein-Westfalen" "NW" "DE" "50667" 50.938 6.957 urban 35;
    "Frankfurt am Main" "Hessen" "HE" "DE" "60311" 50.111 8.684 urban 28;
    "Stuttgart" "Baden-Württemberg" "BW" "DE" "70173" 48.777 9.178 urban 24;
    "Düsseldorf" "Nordrhein-Westfalen" "NW" "DE" "40213" 51.226 6.774 urban 22;
    "Leipzig" "Sachsen" "SN" "DE" "04109" 51.340 12.370 urban 24;
    "Dresden" "Sachsen" "SN" "DE" "01067" 51.058 13.721 urban 18;
    "Hannover" "Niedersachsen" "NI" "DE" "30159" 52.374 9.738 urban 18;
    "Nürnberg" "Bayern" "BY" "DE" "90402" 49.450 11.079 urban 18;
    "Bremen" "Bremen" "HB" "DE" "28195" 53.080 8.806 urban 16;
    "Dortmund" "Nordrhein-Westfalen" "NW" "DE" "44135" 51.514 7.468 urban 16;
    "Essen" "Nordrhein-Westfalen" "NW" "DE" "45127" 51.457 7.012 urban 14;
    "Münster" "Nordrhein-Westfalen" "NW" "DE" "48143" 51.962 7.626 urban 12;
    "Freiburg im Breisgau" "Baden-Württemberg" "BW" "DE" "79098" 47.996 7.849 urban 14;
    "Heidelberg" "Baden-Württemberg" "BW" "DE" "69117" 49.411 8.706 urban 10;
    "Karlsruhe" "Baden-Württemberg" "BW" "DE" "76133" 49.010 8.396 urban 11;
    "Mannheim" "Baden-Württemberg" "BW" "DE" "68161" 49.488 8.466 urban 10;
    "Augsburg" "Bayern" "BY" "DE" "86150" 48.366 10.893 urban 10;
    "Regensburg" "Bayern" "BY" "DE" "93047" 49.017 12.097 urban 8;
    "Kiel" "Schleswig-Holstein" "SH" "DE" "24103" 54.321 10.134 urban 8;
    "Rostock" "Mecklenburg-Vorpommern" "MV" "DE" "18055" 54.088 12.140 urban 7;
    "Erfurt" "Thüringen" "TH" "DE" "99084" 50.978 11.029 urban 7;
    "Mainz" "Rheinland-Pfalz" "RP" "DE" "55116" 50.000 8.271 urban 8;
    "Saarbrücken" "Saarland" "SL" "DE" "66111" 49.235 6.997 urban 6;
    "Potsdam" "Brandenburg" "BB" "DE" "14467" 52.400 13.059 suburban 10;
    "Falkensee" "Brandenburg" "BB" "DE" "14612" 52.560 13.092 suburban 7;
    "Norderstedt" "Schleswig-Holstein" "SH" "DE" "22846" 53.708 9.993 suburban 7;
    "Dachau" "Bayern" "BY" "DE" "85221" 48.260 11.434 suburban 7;
    "Bad Homburg" "Hessen" "HE" "DE" "61348" 50.227 8.618 suburban 6;
    "Esslingen" "Baden-Württemberg" "BW" "DE" "73728" 48.740 9.305 suburban 6;
    "Bergisch Gladbach" "Nordrhein-Westfalen" "NW" "DE" "51465" 50.992 7.128 suburban 6;
    "Ratingen" "Nordrhein-Westfalen" "NW" "DE" "40878" 51.297 6.849 suburban 5;
    "Fürth" "Bayern" "BY" "DE" "90762" 49.477 10.989 suburban 5;
    "Markkleeberg" "Sachsen" "SN" "DE" "04416" 51.277 12.369 suburban 4;
    "Garmisch-Partenkirchen" "Bayern" "BY" "DE" "82467" 47.492 11.096 rural 5;
    "Freudenstadt" "Baden-Württemberg" "BW" "DE" "72250" 48.464 8.411 rural 4;
    "Husum" "Schleswig-Holstein" "SH" "DE" "25813" 54.477 9.052 rural 3;
    "Lüchow" "Niedersachsen" "NI" "DE" "29439" 52.968 11.153 rural 3;
    "Templin" "Brandenburg" "BB" "DE" "17268" 53.119 13.502 rural 3;
    "Winterberg" "Nordrhein-Westfalen" "NW" "DE" "59955" 51.195 8.531 rural 4;
    "Bitburg" "Rheinland-Pfalz" "RP" "DE" "54634" 49.967 6.527 rural 3;
    "Zwiesel" "Bayern" "BY" "DE" "94227" 49.017 13.232 rural 3;
    "Wien" "Wien" "W" "AT" "1010" 48.208 16.372 urban 30;
    "Wien" "Wien" "W" "AT" "1070" 48.202 16.349 urban 18;
    "Graz" "Steiermark" "ST" "AT" "8010" 47.071 15.439 urban 12;
    "Linz" "Oberösterreich" "OÖ" "AT" "4020" 48.306 14.286 urban 8;
    "Salzburg" "Salzburg" "S" "AT" "5020" 47.801 13.045 urban 8;
    "Innsbruck" "Tirol" "T" "AT" "6020" 47.267 11.393 urban 9;
    "Mödling" "Niederösterreich" "NÖ" "AT" "2340" 48.086 16.283 suburban 4;
    "Kitzbühel" "Tirol" "T" "AT" "6370" 47.446 12.392 rural 3;
    "Dornbirn" "Vorarlberg" "V" "AT" "6850" 47.413 9.744 suburban 4;
    "Zürich" "Zürich" "ZH" "CH" "8001" 47.372 8.541 urban 18;
    "Winterthur" "Zürich" "ZH" "CH" "8400" 47.499 8.729 suburban 5;
    "Basel" "Basel-Stadt" "BS" "CH" "4051" 47.556 7.588 urban 9;
    "Bern" "Bern" "BE" "CH" "3011" 46.948 7.448 urban 9;
    "Genève" "Genève" "GE" "CH" "1201" 46.208 6.143 urban 6;
    "Lausanne" "Vaud" "VD" "CH" "1003" 46.520 6.633 urban 5;
    "Davos" "Graubünden" "GR" "CH" "7270" 46.796 9.823 rural 3;
    "Amsterdam" "Noord-Holland" "NH" "NL" "1012 AB" 52.374 4.895 urban 16;
    "Utrecht" "Utrecht" "UT" "NL" "3511 LX" 52.090 5.122 urban 9;
    "Rotterdam" "Zuid-Holland" "ZH" "NL" "3011 AA" 51.922 4.487 urban 10;
    "Haarlem" "Noord-Holland" "NH" "NL" "2011 HB" 52.381 4.637 suburban 5;
    "Groningen" "Groningen" "GR" "NL" "9712 HM" 53.219 6.567 urban 5;
    "Domburg" "Zeeland" "ZE" "NL" "4357 ET" 51.564 3.497 rural 2;
};
