//! A page of the cookbook as text: its recipes, each a heading with fenced blocks below it.

/// A heading and what stands below it.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    pub(crate) blocks: Vec<Block>,
    /// Whether a sentence stands between the heading and the first block.
    pub(crate) says_why: bool,
}

/// A fenced block: the words behind its opening fence, and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) info: String,
    pub(crate) text: String,
}

const FENCE: &str = "```";

/// The recipes of a page, in order.
pub(crate) fn recipes(page: &str) -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix(FENCE)) {
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (Some(block), None) => block.text.push_str(&format!("{line}\n")),
            (Some(_), Some(_)) => {
                let recipe = recipes.last_mut().unwrap();
                recipe.blocks.extend(open.take());
            }
            (None, None) => match line.strip_prefix("## ") {
                Some(name) => {
                    recipes.push(Recipe { name: name.to_owned(), blocks: Vec::new(), says_why: false });
                }
                None => {
                    if let Some(recipe) = recipes.last_mut().filter(|recipe| recipe.blocks.is_empty()) {
                        recipe.says_why |= !line.trim().is_empty();
                    }
                }
            },
        }
    }
    assert!(open.is_none(), "a block is not closed");
    recipes
}

/// The fields of one line of comma-separated values; quotes around a field are doubled inside it.
pub(crate) fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut().unwrap();
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => field.push(character),
        }
    }
    fields
}
