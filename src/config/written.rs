//! What was typed, gathered from all files.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Findings, Place};
use super::reference::{self, Section};
use super::source::Source;
use super::table::Table;

/// The table whose keys are names that its writer makes up.
const ALIASES: &str = "aliases";

/// The table whose keys are the names of currencies.
const CURRENCIES: &str = "currencies";

/// All files as one: each table at most once, lists one after the other.
#[derive(Debug)]
pub(super) struct Written<'a> {
    main: &'a Arc<Source>,
    single: BTreeMap<&'static str, Table<'a>>,
    lists: BTreeMap<&'static str, Vec<Table<'a>>>,
    /// `[aliases]`, whose keys are the user's own.
    aliases: Vec<(&'a Arc<Source>, &'a DeTable<'a>)>,
    /// `[currencies]`, whose keys are codes.
    currencies: Vec<(&'a Arc<Source>, &'a DeTable<'a>)>,
}

impl<'a> Written<'a> {
    /// Gathers the tables of all files, the main one first, with a finding for each that is unknown, given twice, or not
    /// in its shape.
    ///
    /// # Panics
    /// When there is no file.
    pub(super) fn gather(files: &'a [(Arc<Source>, Spanned<DeTable<'a>>)], out: &mut Findings) -> Self {
        let (main, _) = files.first().expect("there is a main file");
        let mut written =
            Self { main, single: BTreeMap::new(), lists: BTreeMap::new(), aliases: Vec::new(), currencies: Vec::new() };
        for (source, root) in files {
            for (key, value) in root.get_ref() {
                if out.is_hopeless() {
                    break;
                }
                let place = Place { source: Arc::clone(source), span: key.span() };
                let name = key.get_ref().as_ref();
                if let ALIASES | CURRENCIES = name {
                    let list = if name == ALIASES { &mut written.aliases } else { &mut written.currencies };
                    match value.get_ref() {
                        DeValue::Table(entries) => list.push((source, entries)),
                        _ => out.push(
                            Finding::error(&place, format!("`{name}` must be a table"))
                                .hint(format!("write [{name}] on a line of its own")),
                        ),
                    }
                    continue;
                }
                match reference::SECTIONS.iter().find(|section| section.name() == name) {
                    Some(section) => written.add(section, source, value, &place, out),
                    None => out.push(unknown_table(name, &place)),
                }
            }
        }
        written
    }

    /// The table, if anybody wrote it.
    pub(super) fn table(&self, section: &Section) -> Option<Table<'a>> {
        self.single.get(section.header).copied()
    }

    /// The table, or one where all keys have their defaults.
    pub(super) fn table_or_absent(&self, section: &'static Section) -> Table<'a> {
        self.table(section).unwrap_or_else(|| Table::absent(section, self.main))
    }

    /// The entries of a list, in the order of the files.
    pub(super) fn list(&self, section: &Section) -> &[Table<'a>] {
        self.lists.get(section.header).map_or(&[], Vec::as_slice)
    }

    /// `[aliases]` of each file that has it, with the file.
    pub(super) fn aliases(&self) -> &[(&'a Arc<Source>, &'a DeTable<'a>)] {
        &self.aliases
    }

    /// `[currencies]` of each file that has it, with the file.
    pub(super) fn currencies(&self) -> &[(&'a Arc<Source>, &'a DeTable<'a>)] {
        &self.currencies
    }

    /// The start of the main file, for what is in no file.
    pub(super) fn start(&self) -> Place {
        Place { source: Arc::clone(self.main), span: 0..0 }
    }

    fn add(
        &mut self,
        section: &'static Section,
        source: &'a Arc<Source>,
        value: &'a Spanned<DeValue<'a>>,
        place: &Place,
        out: &mut Findings,
    ) {
        let wrong = || {
            let message = format!("`{}` must be a table, or several", section.name());
            let message = if section.is_list() { message } else { message.replace(", or several", "") };
            Finding::error(place, message).hint(format!("write {} on a line of its own", section.header))
        };
        match (section.is_list(), value.get_ref()) {
            (true, DeValue::Array(entries)) => {
                for entry in entries {
                    if entry.get_ref().is_table() {
                        let table = Table::new(section, source, entry);
                        table.find_strangers(out);
                        self.lists.entry(section.header).or_default().push(table);
                    } else {
                        out.push(wrong());
                    }
                }
            }
            (false, DeValue::Table(entries)) => {
                self.add_subtables(section, source, entries, out);
                // `[store.keep]` alone does not write `[store]`.
                let is_subtable = |name: &str| subtable(section, name).is_some();
                let implied = !entries.is_empty() && entries.keys().all(|key| is_subtable(key.get_ref()));
                if !implied {
                    self.add_single(Table::new(section, source, value), out);
                }
            }
            _ => out.push(wrong()),
        }
    }

    fn add_subtables(
        &mut self,
        section: &Section,
        source: &'a Arc<Source>,
        entries: &'a DeTable<'a>,
        out: &mut Findings,
    ) {
        for (key, value) in entries {
            if let Some(below) = subtable(section, key.get_ref()) {
                let place = Place { source: Arc::clone(source), span: key.span() };
                self.add(below, source, value, &place, out);
            }
        }
    }

    fn add_single(&mut self, table: Table<'a>, out: &mut Findings) {
        table.find_strangers(out);
        let header = table.section().header;
        if let Some(first) = self.single.get(header) {
            let finding = Finding::error(&table.place(), format!("{header} is given twice")).first_given(first.place());
            out.push(finding.hint("write all of its keys in one place"));
        } else {
            self.single.insert(header, table);
        }
    }
}

fn subtable(section: &Section, name: &str) -> Option<&'static Section> {
    let is_it = |below: &&Section| below.name().split_once('.') == Some((section.name(), name));
    // What stands in a list is the value of a key.
    reference::SECTIONS.iter().filter(|below| !below.is_list()).find(is_it)
}

fn unknown_table(name: &str, place: &Place) -> Finding {
    let finding = Finding::error(place, format!("there is no table `{name}`")).tentative();
    let tables = || reference::SECTIONS.iter().filter(|section| !section.name().contains('.'));
    let names = tables().map(Section::name);
    if let Some(near) = reference::nearest(name, names).and_then(|near| tables().find(|table| table.name() == near)) {
        return finding.hint(format!("did you mean `{}`?", near.header));
    }
    if let Some(section) = reference::SECTIONS.iter().find(|section| section.key(name).is_some()) {
        return finding.hint(format!("`{name}` belongs below a line {}", section.header));
    }
    let headers: Vec<_> = tables().map(|table| table.header).collect();
    finding.hint(format!("the tables are {}", headers.join(", ")))
}
