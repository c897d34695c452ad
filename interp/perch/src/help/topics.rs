//! What one can ask about.

use perch_ops::{Entry, ErrorKind, Group, Meaning, catalogue};

use super::{CODES_TOPIC, FACTS_TOPIC, FIXTURES_TOPIC, KINDS_TOPIC};

/// Something to say something about.
#[derive(Clone, Copy)]
pub(super) enum Topic {
    /// The names that every program may use.
    Facts,
    /// The kinds of errors.
    Kinds,
    /// What a check finds.
    Codes,
    /// The keys of a description of a host.
    Fixtures,
    Group(Group),
    Op(&'static Entry),
    Kind(ErrorKind),
}

/// What a query leads to.
pub(super) enum Found {
    None,
    One(Topic),
    /// The query is part of their names.
    Several(Vec<Topic>),
}

impl Found {
    pub(super) fn all(&self) -> &[Topic] {
        match self {
            Self::None => &[],
            Self::One(topic) => std::slice::from_ref(topic),
            Self::Several(topics) => topics,
        }
    }
}

impl Topic {
    /// Every topic; where two have one name, the one that the name means comes first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let ops = catalogue().filter(|entry| !entry.internal).map(Self::Op);
        let groups = groups().map(Self::Group);
        let kinds = ErrorKind::ALL.iter().copied().map(Self::Kind);
        [Self::Facts, Self::Kinds, Self::Fixtures, Self::Codes].into_iter().chain(groups).chain(ops).chain(kinds)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Facts => FACTS_TOPIC,
            Self::Kinds => KINDS_TOPIC,
            Self::Fixtures => FIXTURES_TOPIC,
            Self::Codes => CODES_TOPIC,
            Self::Group(group) => group.name(),
            Self::Op(entry) => entry.name,
            Self::Kind(kind) => kind.name(),
        }
    }

    /// What it is about, in a few words.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Facts => "names that every program may use",
            Self::Kinds => "kinds of errors, as in `err.kind`",
            Self::Codes => "what `perch --check` finds, for `perch --explain CODE`",
            Self::Fixtures => "what describes a host for `perch simulate`",
            Self::Group(group) => group.about(),
            Self::Op(entry) => entry.summary,
            Self::Kind(kind) => kind.about(),
        }
    }

    fn is_called(self, name: &str) -> bool {
        self.name() == name || matches!(self, Self::Op(entry) if entry.aliases.contains(&name))
    }
}

/// The topic of that name, else those that have it in their names.
pub(super) fn find(query: &str) -> Found {
    if let Some(topic) = Topic::all().find(|topic| topic.is_called(query)) {
        return Found::One(topic);
    }
    let mut near: Vec<Topic> = Topic::all().filter(|topic| topic.name().contains(query)).collect();
    match (near.len(), near.pop()) {
        (_, None) => Found::None,
        (1, Some(one)) => Found::One(one),
        (_, Some(last)) => {
            near.push(last);
            Found::Several(near)
        }
    }
}

/// The groups that have ops for files.
pub(super) fn groups() -> impl Iterator<Item = Group> {
    Group::ALL.iter().copied().filter(|group| members(*group).next().is_some())
}

/// What a group lists.
pub(super) fn members(group: Group) -> impl Iterator<Item = &'static Entry> {
    catalogue().filter(move |entry| entry.group == group && !entry.internal)
}

/// Whether this version can run it.
pub(super) fn is_available(entry: &Entry) -> bool {
    match entry.meaning {
        Meaning::Runs(_) => true,
        Meaning::NotYet => false,
        Meaning::Keyword => has_block(entry.name),
    }
}

/// Whether this version runs the block of that name.
pub(super) fn has_block(name: &str) -> bool {
    perch_ir::runs_block(name)
}
