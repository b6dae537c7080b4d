//! Words of English grammar, without which sentences say as much of their subject.

/// Pronouns, articles, prepositions, conjunctions, auxiliaries with the remains of their contractions, and adverbs of degree and place.
pub(super) const ENGLISH: &str = "about above after again against ain all almost also although always am among an and any anybody \
    anyone anything are aren around as at away back be because been before being below between both but by came can cannot come could \
    couldn did didn do does doesn doing don done down during each either else even ever every everyone everything few for from further \
    get gets getting give go goes going gone got had hadn has hasn have haven having he hence her here hers herself him himself his how \
    however if in indeed instead into is isn it its itself just keep kept know let like ll made make makes many may maybe me might mine \
    more most much must my myself need neither never no nobody none nor not nothing now of off often on once one only onto or other \
    others our ours ourselves out over own per perhaps please put quite rather re really said same say says see seem seems seen shall \
    she should shouldn since so some somebody someone something sometimes still such take tell than that the their theirs them \
    themselves then there therefore these they thing things this those though through thus to together too took toward towards two \
    under until up upon us use used using ve very via want wanted was wasn way we well went were weren what when whenever where whether \
    which while who whoever whole whom whose why will with within without won would wouldn yet you your yours yourself yourselves";
