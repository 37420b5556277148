// What a plug-in in JavaScript needs: typed access to the project, and builders for what it finds. Plain JavaScript without
// dependencies; change it as you like. `wit/plimsoll-plugin.wit` says which kinds, keys and relations there are.

/**
 * @typedef {{ start: number, end: number }} Span Bytes of UTF-8, half-open.
 * @typedef {{ document: number, span: Span }} Location
 * @typedef {'info' | 'low' | 'medium' | 'high' | 'critical'} Severity
 * @typedef {'low' | 'medium' | 'high'} Confidence
 * @typedef {{ key: string, value: string, origin?: Location | null }} Property
 * @typedef {{ title: string, safety: 'safe' | 'suggested', edits: { location: Location, replacement: string }[] }} Fix
 */

/** Everything the plug-in sees. */
export class Project {
  #data;
  #entities;
  #documents;
  #relations = new Map();

  constructor(data) {
    this.#data = data;
    this.#documents = data.documents.map((document, index) => new Document(document, index));
    this.#entities = data.entities.map((entity, index) => new Entity(this, entity, index));
  }

  /** Documents, all or of one kind such as `dockerfile`. @returns {Document[]} */
  documents(kind) {
    return kind === undefined ? this.#documents : this.#documents.filter((document) => document.kind === kind);
  }

  /** Entities, all or of one kind such as `network`. @returns {Entity[]} */
  entities(kind) {
    return kind === undefined ? this.#entities : this.#entities.filter((entity) => entity.kind === kind);
  }

  /** Services of all views. */
  services() {
    return this.entities('service');
  }

  /** Stages of all Dockerfiles. */
  stages() {
    return this.entities('stage');
  }

  /** Image references, one for each place where one is written. */
  images() {
    return this.entities('image');
  }

  /** The day the analysis is made for, `YYYY-MM-DD`. There is no clock. @returns {string | undefined} */
  today() {
    return this.#data.properties.find((property) => property.key === 'today')?.value;
  }

  /** The text at a place. @param {Location} at */
  textAt(at) {
    return this.#documents[at.document]?.slice(at.span) ?? '';
  }

  /**
   * The first place of a text within a place, for fixes that change only a part.
   * @param {Location} at @param {string} text @returns {Location | undefined}
   */
  find(at, text) {
    const before = this.textAt(at).indexOf(text);
    if (before < 0) return undefined;
    const start = at.span.start + bytes(this.textAt(at).slice(0, before));
    return { document: at.document, span: { start, end: start + bytes(text) } };
  }

  /** @package */
  related(index, kind, outgoing) {
    const ends = this.#ends(kind, outgoing).get(index) ?? [];
    return ends.map((end) => this.#entities[end]).filter((entity) => entity !== undefined);
  }

  /** The other ends of a kind's relations, by one end: of the kinds that are asked for only, since there may be thousands. */
  #ends(kind, outgoing) {
    const key = `${outgoing ? 'from' : 'to'} ${kind}`;
    let ends = this.#relations.get(key);
    if (ends === undefined) {
      ends = new Map();
      for (const relation of this.#data.relations) {
        if (relation.kind !== kind) continue;
        const [one, other] = outgoing ? [relation.source, relation.target] : [relation.target, relation.source];
        if (ends.has(one)) ends.get(one).push(other);
        else ends.set(one, [other]);
      }
      this.#relations.set(key, ends);
    }
    return ends;
  }
}

/** Something of the resolved model: a service, an image, a network, … */
export class Entity {
  #project;
  #data;
  #index;

  constructor(project, data, index) {
    this.#project = project;
    this.#data = data;
    this.#index = index;
  }

  get kind() {
    return this.#data.kind;
  }

  get name() {
    return this.#data.name;
  }

  /** Where it is written. @returns {Location | undefined} */
  get origin() {
    return this.#data.origin ?? undefined;
  }

  /** The first value of a key. @returns {string | undefined} */
  property(key) {
    return this.properties(key)[0]?.value;
  }

  /** Every value of a key, each with its place. @returns {Property[]} */
  properties(key) {
    return this.#data.properties.filter((property) => property.key === key);
  }

  /** Where the first value of a key is written. @returns {Location | undefined} */
  originOf(key) {
    return this.properties(key)[0]?.origin ?? undefined;
  }

  /** Whether a key says `true`. */
  is(key) {
    return this.property(key) === 'true';
  }

  /** Where relations of a kind lead from here. @returns {Entity[]} */
  targets(kind) {
    return this.#project.related(this.#index, kind, true);
  }

  /** Where relations of a kind come from that lead here. @returns {Entity[]} */
  sources(kind) {
    return this.#project.related(this.#index, kind, false);
  }
}

/** A file and its tree. */
export class Document {
  #data;
  #index;
  #nodes;
  #children;
  #bytes;

  constructor(data, index) {
    this.#data = data;
    this.#index = index;
  }

  get path() {
    return this.#data.path;
  }

  get kind() {
    return this.#data.kind;
  }

  get text() {
    return this.#data.text;
  }

  /** All nodes in order. @returns {Node[]} */
  nodes() {
    this.#nodes ??= this.#data.nodes.map((node, index) => new Node(this, node, index));
    return this.#nodes;
  }

  /** @package */
  childrenOf(parent) {
    if (this.#children === undefined) {
      this.#children = this.#data.nodes.map(() => []);
      this.nodes().forEach((node, index) => {
        // The root is its own parent.
        if (index > 0) this.#children[this.#data.nodes[index].parent]?.push(node);
      });
    }
    return this.#children[parent] ?? [];
  }

  /** Instructions of a Dockerfile by keyword, such as `FROM`. */
  instructions(keyword) {
    return this.nodes().filter((node) => node.kind === 'instruction' && node.key === keyword.toUpperCase());
  }

  /** Directives of a configuration file by name, such as `server_tokens`, at any depth. */
  directives(name) {
    return this.nodes().filter((node) => (node.kind === 'directive' || node.kind === 'block') && node.key === name);
  }

  /** Pairs by key, at any depth. */
  pairs(key) {
    return this.nodes().filter((node) => node.kind === 'pair' && node.key === key);
  }

  /** A place in it. @param {Span} span @returns {Location} */
  location(span) {
    return { document: this.#index, span };
  }

  /** The text of a span. @param {Span} span */
  slice(span) {
    // Spans count bytes, JavaScript counts UTF-16: the same while all is ASCII.
    this.#bytes ??= bytes(this.text);
    if (this.#bytes === this.text.length) return this.text.slice(span.start, span.end);
    const start = unit(this.text, 0, span.start);
    return this.text.slice(start, unit(this.text, start, span.end - span.start));
  }
}

/** A node of a document's tree. */
export class Node {
  #document;
  #data;
  #index;

  constructor(document, data, index) {
    this.#document = document;
    this.#data = data;
    this.#index = index;
  }

  get kind() {
    return this.#data.kind;
  }

  get key() {
    return this.#data.key;
  }

  get value() {
    return this.#data.value;
  }

  /** Where it is written. */
  get location() {
    return this.#document.location(this.#data.span);
  }

  /** Where its value is written. */
  get valueLocation() {
    return this.#document.location(this.#data.valueSpan);
  }

  /** The nodes right below it. @returns {Node[]} */
  children() {
    return this.#document.childrenOf(this.#index);
  }

  /** The node above it; none above the root. @returns {Node | undefined} */
  parent() {
    return this.#index === 0 ? undefined : this.#document.nodes()[this.#data.parent];
  }

  /** The pairs below it: its own, or those of the mapping that is its value. @returns {Node[]} */
  pairs() {
    const pairs = (node) => node.children().filter((child) => child.kind === 'pair');
    const mapping = this.children().find((node) => node.kind === 'mapping');
    return mapping === undefined ? pairs(this) : pairs(mapping);
  }

  /** A flag of an instruction, such as `from`. @returns {Node | undefined} */
  flag(name) {
    return this.children().find((node) => node.kind === 'flag' && node.key === name);
  }
}

/**
 * A rule.
 * @param {string} id kebab-case
 * @param {string} title what is wrong, as a short sentence
 * @param {Severity} severity
 * @param {string} description why it matters
 * @param {{ help?: string, kinds?: string[], tags?: string[], helpUrl?: string }} [more]
 */
export function rule(id, title, severity, description, more = {}) {
  return {
    id,
    title,
    description,
    severity,
    kinds: more.kinds ?? [],
    tags: more.tags ?? [],
    helpUrl: more.helpUrl ?? null,
    properties: more.help === undefined ? [] : [property('help', more.help)],
  };
}

/**
 * A finding.
 * @param {string} rule id of a rule that the plug-in declares
 * @param {Location} location
 * @param {string} message
 * @param {{ severity?: Severity, confidence?: Confidence, help?: string, on?: Entity | Entity[],
 *   because?: { location: Location, message: string }[], fixes?: (Fix | undefined)[] }} [more]
 *   `on`: the services it affects; `because`: further places that explain it
 */
export function finding(rule, location, message, more = {}) {
  const properties = more.help === undefined ? [] : [property('help', more.help)];
  for (const service of [more.on ?? []].flat()) {
    properties.push(property('service', service.name));
    const view = service.property('view');
    if (view !== undefined) properties.push(property('view', view));
  }
  return {
    rule,
    location,
    message,
    severity: more.severity ?? null,
    confidence: more.confidence ?? null,
    related: more.because ?? [],
    fixes: (more.fixes ?? []).filter((fix) => fix !== undefined),
    properties,
  };
}

/**
 * A fix; its title is an order. A replacement of an empty span inserts.
 * @param {string} title @param {...[Location, string]} edits
 * @returns {Fix}
 */
export function fix(title, ...edits) {
  return {
    title,
    safety: 'suggested',
    edits: edits.map(([location, replacement]) => ({ location, replacement })),
  };
}

/** What to throw when the settings make no sense in a way the schema cannot say. @param {string} message */
export function settingsError(message) {
  return { kind: 'settings', message };
}

/**
 * A plug-in, to be exported as `rules`.
 * @param {{ name: string, version: string, description: string, license: string, rules: ReturnType<typeof rule>[],
 *   settingsSchema?: object, check: (project: Project, settings: any) => ReturnType<typeof finding>[] }} about
 */
export function plugin({ check, settingsSchema, ...about }) {
  const metadata = {
    ...about,
    settingsSchema: settingsSchema === undefined ? null : JSON.stringify(settingsSchema),
    properties: [],
  };
  return {
    describe: () => metadata,
    check(project, settings) {
      try {
        return check(new Project(project), JSON.parse(settings.trim() || '{}'));
      } catch (error) {
        // An error of the program itself would stop the plug-in without a word of what it was.
        throw error instanceof Error ? { kind: 'internal', message: `${error}\n${error.stack ?? ''}`.trim() } : error;
      }
    },
  };
}

function property(key, value) {
  return { key, value, origin: null };
}

/** Bytes of a text as UTF-8. */
function bytes(text) {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Each half of a pair counts two of its four bytes.
    count += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
  }
  return count;
}

/** The index in UTF-16 that lies a number of bytes behind another. */
function unit(text, from, count) {
  let at = from;
  for (let left = count; left > 0 && at < text.length; at += 1) left -= bytes(text[at]);
  return at;
}
