//! What an analysis knows: the built-in tables, and above them what its user knows better or newer.

use super::advisories::Pack;
use super::eol::{self, Cycle, End, Product, compare_versions, numbers};
use super::images::{self, Exec, ImageRow};
use super::read::{FactsError, Reader};
use super::tags::{self, Precision, ProductVersion};
use super::{Basis, capabilities, tables};
use crate::date::Date;
use crate::image::ImageRef;
use crate::span::Span;
use crate::syntax::json::{Kind, Value};
use std::borrow::Cow;

/// The facts of one analysis. Rows of the user are asked before the built-in ones: a cycle of a product, an image and tag, replace
/// the built-in row of that name, and everything else stays.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Facts {
    /// Products with cycles of the user's, the built-in ones merged in.
    products: Vec<Product>,
    images: Vec<ImageRow>,
    advisories: Option<Pack>,
}

/// The built-in tables alone, without advisories.
static BUILT_IN: Facts = Facts { products: Vec::new(), images: Vec::new(), advisories: None };

/// Tables of which users may hand in rows, by file name.
const OWN_TABLES: [&str; 3] = ["advisories.json", "eol.json", "images.json"];

impl Facts {
    /// The built-in tables alone, without advisories.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads a file of facts; its name says which table its rows belong to: `eol.json`, `images.json` or `advisories.json`.
    ///
    /// # Errors
    /// With the place of what cannot be read; then nothing of the file is taken.
    pub fn read(&mut self, name: &str, text: &str) -> Result<(), FactsError> {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        match file {
            "eol.json" => self.read_eol(file, text),
            "images.json" => self.read_images(text),
            "advisories.json" => Pack::parse(text).map(|pack| self.advisories = Some(pack)),
            _ => {
                let built_in = tables::META.iter().any(|meta| file.strip_suffix(".json") == Some(meta.table));
                let why = if built_in { "this table cannot be changed" } else { "there is no table of this name" };
                let message = format!("{why}; rows may be handed in as {}", OWN_TABLES.join(", "));
                Err(FactsError { line: 1, column: 1, message })
            }
        }
    }

    /// Reads ends of life, as `core/data/eol.json` has them or as endoflife.date hands them out for one product. The product of a list
    /// of cycles without a name is that of the file's: `php.json`.
    ///
    /// # Errors
    /// With the place of what cannot be read; then nothing of the file is taken.
    pub fn read_eol(&mut self, name: &str, text: &str) -> Result<(), FactsError> {
        let reader = Reader::new(text)?;
        let (as_of, cycles) = cycles(&reader, name)?;
        for (product, cycle) in cycles {
            let Some(built_in) = eol::product(&product) else { continue };
            let own = match self.products.iter().position(|own| own.name == built_in.name) {
                Some(at) => at,
                None => {
                    self.products.push(built_in.clone());
                    self.products.len() - 1
                }
            };
            if let Some(own) = self.products.get_mut(own) {
                own.own = Some(as_of);
                put(own.cycles.to_mut(), cycle);
            }
        }
        Ok(())
    }

    /// Reads images, as `core/data/images.json` has them.
    ///
    /// # Errors
    /// With the place of what cannot be read; then nothing of the file is taken.
    pub fn read_images(&mut self, text: &str) -> Result<(), FactsError> {
        let reader = Reader::new(text)?;
        let as_of = reader.as_of()?;
        let rows: Result<Vec<ImageRow>, FactsError> =
            reader.list(reader.root(), "rows")?.iter().map(|row| image_row(&reader, row, as_of)).collect();
        for row in rows? {
            self.images.retain(|known| (&known.pattern, &known.tag) != (&row.pattern, &row.tag));
            self.images.push(row);
        }
        Ok(())
    }

    /// Takes a pack of advisories.
    #[must_use]
    pub fn with_advisories(mut self, pack: Pack) -> Self {
        self.advisories = Some(pack);
        self
    }

    /// The advisories of Composer packages; `None` when no pack was handed in, which is no sign that there are none.
    #[must_use]
    pub fn advisories(&self) -> Option<&Pack> {
        self.advisories.as_ref()
    }

    /// A product by its name at endoflife.date.
    #[must_use]
    pub fn product(&self, name: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.name == name).or_else(|| eol::product(name))
    }

    /// What is known of an image: the most specific row, and of two as specific that of the user.
    #[must_use]
    pub fn image(&self, image: &ImageRef) -> Option<Cow<'static, ImageRow>> {
        let (name, tag) = (images::name(image), image.tag_or_latest());
        let built_in = images::row(image);
        let own = images::best(&self.images, &name, tag)
            .filter(|own| built_in.is_none_or(|row| own.fit(&name, tag) >= row.fit(&name, tag)));
        match own {
            Some(own) => Some(Cow::Owned(own.clone())),
            None => built_in.map(Cow::Borrowed),
        }
    }

    /// How tightly a reference holds one image.
    #[must_use]
    pub fn precision(&self, image: &ImageRef) -> Precision {
        tags::precision_as(image, self.image(image).and_then(|row| row.eol_product))
    }

    /// Product versions that a reference names.
    #[must_use]
    pub fn versions(&self, image: &ImageRef) -> Vec<ProductVersion> {
        tags::versions_as(image, self.image(image).as_deref())
    }

    /// Every table with its day, the user's days after the built-in one of the same table.
    #[must_use]
    pub fn dates(&self) -> Vec<Basis> {
        let mut all: Vec<Basis> = tables::META.iter().map(super::FactDate::basis).collect();
        all.extend(self.products.iter().map(Product::basis));
        all.extend(self.images.iter().map(ImageRow::basis));
        all.extend(self.advisories.iter().map(Pack::basis));
        all.sort();
        all.dedup();
        all
    }
}

/// Adds a cycle or replaces the one of its name; the highest version stays first.
fn put(cycles: &mut Vec<Cycle>, cycle: Cycle) {
    match cycles.binary_search_by(|known| compare_versions(&cycle.cycle, &known.cycle)) {
        Ok(at) => {
            if let Some(known) = cycles.get_mut(at) {
                *known = cycle;
            }
        }
        Err(at) => cycles.insert(at, cycle),
    }
}

/// How a shape of file calls things.
struct Keys {
    cycle: &'static str,
    released: &'static str,
    eol: &'static str,
    active: &'static str,
    extended: &'static str,
}

const OURS: Keys = Keys { cycle: "cycle", released: "released", eol: "eol", active: "eoas", extended: "eoes" };
const API: Keys =
    Keys { cycle: "cycle", released: "releaseDate", eol: "eol", active: "support", extended: "extendedSupport" };
const API_V1: Keys =
    Keys { cycle: "name", released: "releaseDate", eol: "eolFrom", active: "eoasFrom", extended: "eoesFrom" };

type Cycles = Vec<(String, Cycle)>;

/// The cycles of a file in any of its shapes, and the day of the data.
fn cycles(reader: &Reader<'_>, name: &str) -> Result<(Date, Cycles), FactsError> {
    let root = reader.root();
    if let Kind::Array(items) = &root.kind {
        let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let product = file.strip_suffix(".json").unwrap_or(file);
        known_product(reader, root.span, product)?;
        let cycles: Result<Cycles, FactsError> =
            items.iter().map(|row| Ok((product.to_owned(), cycle(reader, row, &API)?))).collect();
        // Such a list has no day of its own. It is at least as new as the newest release that it names.
        let newest = items
            .iter()
            .flat_map(|row| ["releaseDate", "latestReleaseDate"].map(|key| row.get(key)))
            .filter_map(|value| value?.str().and_then(Date::parse))
            .max();
        let message = "no row has a `releaseDate`, so the day of the data is not known";
        return Ok((newest.ok_or_else(|| reader.error(root.span, message))?, cycles?));
    }
    if let Some(result) = root.get("result") {
        let product = reader.field(result, "name")?;
        known_product(reader, result.span, product)?;
        let day = reader.field(root, "generated_at")?;
        let as_of = day.get(..10).and_then(Date::parse);
        let as_of = as_of.ok_or_else(|| reader.error(root.span, "`generated_at` does not start with a day"))?;
        let rows = reader.list(result, "releases")?;
        let cycles: Result<Cycles, FactsError> =
            rows.iter().map(|row| Ok((product.to_owned(), cycle(reader, row, &API_V1)?))).collect();
        return Ok((as_of, cycles?));
    }
    if !root.is_object() {
        return Err(reader.error(root.span, "an object with `_meta` and `rows`, or a list of cycles, belongs here"));
    }
    let as_of = reader.as_of()?;
    let rows = reader.list(root, "rows")?;
    let cycles: Result<Cycles, FactsError> =
        rows.iter().map(|row| Ok((reader.field(row, "product")?.to_owned(), cycle(reader, row, &OURS)?))).collect();
    Ok((as_of, cycles?))
}

fn known_product(reader: &Reader<'_>, span: Span, product: &str) -> Result<(), FactsError> {
    let name = crate::text::shorten(product, 40);
    let message = format!("no product here is called `{name}`; name it as endoflife.date does, such as `php`");
    eol::product(product).map(|_| ()).ok_or_else(|| reader.error(span, message))
}

fn cycle(reader: &Reader<'_>, row: &Value, keys: &Keys) -> Result<Cycle, FactsError> {
    let name = reader.field(row, keys.cycle)?;
    if numbers(name).is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let span = row.get(keys.cycle).map_or(row.span, |value| value.span);
        return Err(reader.error(span, "a line of releases is dotted numbers, such as \"8.4\""));
    }
    let released = match row.get(keys.released) {
        Some(value) => reader.date(value)?,
        // Released before anything is judged by it.
        None => Date::new(1970, 1, 1),
    };
    let end =
        |key: &str, on_true: Option<End>, on_false: Option<End>| match row.get(key).map(|value| (&value.kind, value)) {
            None | Some((Kind::Null, _)) => Ok(None),
            Some((Kind::Bool(value), _)) => Ok(if *value { on_true } else { on_false }),
            Some((_, value)) => reader.date(value).map(|date| Some(End::On(date))),
        };
    let (ended, open) = (Some(End::Ended), Some(End::NotAnnounced));
    let old_api = keys.active == API.active;
    let eol = match end(keys.eol, ended, open)? {
        Some(end) => end,
        None if reader.flag(row, "isEol")? => End::Ended,
        None if row.get("isEol").is_some() => End::NotAnnounced,
        None => {
            let message =
                format!("`{}` is missing: a day, true when it has ended, false when no end is announced", keys.eol);
            return Err(reader.error(Span::at(row.span.start as usize), message));
        }
    };
    // The older interface says whether there still is active support, all others whether it has ended.
    let active_until = if old_api { end(keys.active, open, ended)? } else { end(keys.active, ended, open)? };
    let extended_until = if old_api { end(keys.extended, None, None)? } else { end(keys.extended, ended, open)? };
    let latest = match row.get("latest") {
        Some(value) if value.is_object() => Some(reader.field(value, "name")?),
        _ => reader.optional(row, "latest")?,
    };
    Ok(Cycle {
        cycle: Cow::Owned(name.to_owned()),
        released,
        eol,
        active_until,
        extended_until,
        latest: latest.map(|latest| Cow::Owned(latest.to_owned())),
        estimated: reader.flag(row, "estimated")?,
    })
}

fn image_row(reader: &Reader<'_>, row: &Value, as_of: Date) -> Result<ImageRow, FactsError> {
    const EXEC: [(&str, Exec); 5] = [
        ("root", Exec::Root),
        ("root-master", Exec::RootMaster),
        ("drops", Exec::Drops),
        ("nonroot", Exec::NonRoot),
        ("sudo", Exec::Sudo),
    ];
    let mut roles: Vec<(&str, &'static str)> = images::rows().iter().map(|row| (row.role, row.role)).collect();
    roles.sort_unstable();
    roles.dedup();
    let eol_product = match reader.optional(row, "eol_product")? {
        None => None,
        Some(name) => {
            let span = row.get("eol_product").map_or(row.span, |value| value.span);
            known_product(reader, span, name)?;
            eol::product(name).map(|product| product.name)
        }
    };
    let mut ports = Vec::new();
    for value in reader.optional_list(row, "ports")? {
        let port = value.integer().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        ports.push(port.ok_or_else(|| reader.error(value.span, "a port is a number from 1 to 65535"))?);
    }
    let mut cap_add = Vec::new();
    for value in reader.optional_list(row, "cap_add")? {
        let known = capabilities::row(reader.text(value)?).map(|row| row.cap);
        cap_add.push(known.ok_or_else(|| reader.error(value.span, "there is no capability of this name"))?);
    }
    let own = |text: Option<&str>| Cow::Owned(text.unwrap_or_default().to_owned());
    Ok(ImageRow {
        pattern: own(Some(reader.field(row, "pattern")?)),
        tag: own(reader.optional(row, "tag")?),
        default_user: own(Some(reader.field(row, "default_user")?)),
        exec: reader.word(row, "exec", &EXEC)?,
        role: reader.word(row, "role", &roles)?,
        runtime_user: reader.optional(row, "runtime_user")?.map(|user| Cow::Owned(user.to_owned())),
        ports: Cow::Owned(ports),
        eol_product,
        ships_healthcheck: reader.flag(row, "ships_healthcheck")?,
        cap_add: Cow::Owned(cap_add),
        mounts_socket: reader.flag(row, "mounts_socket")?,
        verified: true,
        source: Cow::Borrowed("handed in"),
        notes: own(reader.optional(row, "notes")?),
        own: Some(as_of),
    })
}

#[cfg(test)]
#[path = "own_tests.rs"]
mod tests;
