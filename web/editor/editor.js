// The playground's text editor: CodeMirror 6 behind the few calls that the page needs.
//
// Analysis results are pushed in (setDiagnostics); the editor never asks for them. All offsets are UTF-16 code
// units. Everything that comes from a scanned file reaches the page as text nodes.
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, StreamLanguage, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { nginx } from "@codemirror/legacy-modes/mode/nginx";
import { properties } from "@codemirror/legacy-modes/mode/properties";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags as t } from "@lezer/highlight";

const MAX_DIAGNOSTICS = 500;
const LEVEL_WORDS = { error: "Error", warning: "Warning", info: "Info", hint: "Hint" };

const highlighting = syntaxHighlighting(HighlightStyle.define([
  { tag: t.comment, class: "tok-comment" },
  { tag: [t.keyword, t.controlKeyword, t.definitionKeyword, t.tagName], class: "tok-keyword" },
  { tag: [t.string, t.special(t.string), t.regexp, t.attributeValue], class: "tok-string" },
  { tag: [t.propertyName, t.definition(t.propertyName), t.attributeName, t.definition(t.variableName)], class: "tok-key" },
  { tag: [t.number, t.bool, t.null, t.atom, t.literal], class: "tok-atom" },
  { tag: [t.variableName, t.special(t.variableName)], class: "tok-variable" },
  { tag: [t.meta, t.labelName, t.typeName, t.heading, t.standard(t.name)], class: "tok-meta" },
  { tag: [t.punctuation, t.separator, t.operator], class: "tok-punctuation" },
  { tag: t.invalid, class: "tok-invalid" },
]));

// `directive value…` lines, as in redis.conf, an ACL file or an Apache configuration.
const directives = {
  name: "directives",
  languageData: { commentTokens: { line: "#" } },
  startState: () => ({ first: true }),
  token(stream, state) {
    if (stream.sol()) state.first = true;
    if (stream.eatSpace()) return null;
    if (stream.peek() === "#") { stream.skipToEnd(); return "comment"; }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?|^'[^']*'?/)) return "string";
    if (stream.match(/^<\/?[A-Za-z]+|^>/)) { state.first = false; return "keyword"; }
    stream.match(/^[^\s#>"']+/) || stream.next();
    if (state.first) { state.first = false; return "propertyName"; }
    return /^(?:\d+[a-z]*|yes|no|on|off|none)$/i.test(stream.current()) ? "atom" : null;
  },
};

// Enough of PHP to read a bootstrap file by; the analyser does not look inside PHP code either.
const php = {
  name: "php",
  languageData: { commentTokens: { line: "//", block: { open: "/*", close: "*/" } } },
  startState: () => ({ comment: false }),
  token(stream, state) {
    if (state.comment || stream.match("/*")) {
      state.comment = !stream.match(/^.*?\*\//);
      if (state.comment) stream.skipToEnd();
      return "comment";
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/^(?:\/\/|#(?!\[)).*/)) return "comment";
    if (stream.match(/^(?:<\?(?:php|=)?|\?>)/)) return "meta";
    if (stream.match(/^(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/)) return "string";
    if (stream.match(/^\$\w+/)) return "variableName";
    if (stream.match(/^\d[\w.]*/)) return "number";
    if (stream.match(/^\w+/)) {
      return /^(?:abstract|as|case|catch|class|const|declare|default|define|echo|else|elseif|extends|final|fn|for|foreach|function|if|implements|include|include_once|interface|match|namespace|new|null|private|protected|public|readonly|require|require_once|return|static|switch|throw|trait|true|false|try|use|while)$/i.test(stream.current()) ? "keyword" : null;
    }
    stream.next();
    return null;
  },
};

function language(path) {
  const name = path.split("/").pop().toLowerCase();
  const stream = (mode) => StreamLanguage.define(mode);
  if (/\.ya?ml(\.|$)/.test(name)) return yaml();
  if (/\.(json|ndjson|jsonl|lock)$/.test(name)) return json();
  if (/\.dockerignore$|\.gitignore$/.test(name)) return stream(directives);
  if (/dockerfile|containerfile/.test(name)) return stream(dockerFile);
  if (/\.(sh|bash|ksh)$|^(docker-)?entrypoint$/.test(name)) return stream(shell);
  if (/\.(php|phtml|inc)$|^(artisan|console)$/.test(name)) return stream(php);
  if (/\.ini$|\.properties$|\.toml$|\.cnf$|^\.?env(\.|$)|\.env(\.|$)/.test(name)) return stream(properties);
  if (/\.acl(\.|$)|redis|valkey|\.htaccess$|httpd|apache/.test(name)) return stream(directives);
  if (/caddyfile|\.caddy$/.test(name)) return stream(nginx);
  if (/\.conf(\.|$)|nginx/.test(name)) {
    const whole = path.toLowerCase();
    if (/nginx/.test(whole)) return stream(nginx);
    if (/(^|[/-])(php|fpm)|www\.conf/.test(whole)) return stream(properties);
    return stream(/redis|valkey|apache|httpd/.test(whole) ? directives : nginx);
  }
  return [];
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// The smallest single replacement that turns `before` into `after`: keeps the cursor, the undo step and the
// squiggles outside of it where they are.
function replacement(before, after) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shorter - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

const programmatic = Annotation.define();
let instances = 0;

export function create(parent, onChange, onFix, onCursor) {
  const states = new Map(); // of the files that are open but not shown
  let current = null;
  let dark = false;
  let readOnly = false;
  const narrow = window.matchMedia("(max-width: 47.5rem)");
  const slots = { language: new Compartment(), label: new Compartment(), mode: new Compartment() };

  const hint = element("p", "visually-hidden", "Press Escape, then Tab, to leave the editor. F8 goes to the next finding in this file; Control Shift M lists them.");
  hint.id = `editor-hint-${(instances += 1)}`;
  parent.append(hint);

  const label = (name) => EditorView.contentAttributes.of({ "aria-label": `Editor: ${name}`, "aria-describedby": hint.id, tabindex: "0" });
  const mode = () => [
    EditorView.darkTheme.of(dark),
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({ "aria-readonly": String(readOnly) }),
    narrow.matches ? EditorView.lineWrapping : [],
  ];
  const extensions = (name) => [
    lineNumbers(), lintGutter(), foldGutter(), history(), drawSelection(), highlightSpecialChars(),
    highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), bracketMatching(), indentOnInput(),
    highlighting, search({ top: true }), EditorState.tabSize.of(4), indentUnit.of("  "),
    slots.language.of(language(name)), slots.label.of(label(name)), slots.mode.of(mode()),
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
    EditorView.updateListener.of((update) => {
      if (current === null) return;
      if (update.transactions.some((tr) => tr.docChanged && !tr.annotation(programmatic))) onChange(current, update.state.doc.toString());
      if (update.selectionSet || update.docChanged) reportCursor(update.state);
    }),
  ];
  const blank = () => EditorState.create({ extensions: [EditorState.readOnly.of(true), EditorView.editable.of(false)] });
  const view = new EditorView({ parent, state: blank() });

  function reportCursor(state) {
    const { head } = state.selection.main;
    const line = state.doc.lineAt(head);
    onCursor?.(current, line.number, head - line.from + 1, head);
  }
  function show(name, state) {
    current = name;
    view.setState(state);
    view.dispatch({ effects: slots.mode.reconfigure(mode()) }); // the theme may have changed while it was hidden
    reportCursor(view.state);
  }
  function remode() {
    if (current !== null) view.dispatch({ effects: slots.mode.reconfigure(mode()) });
  }
  // Applies a transaction to a file, shown or hidden; false when it is not open.
  function edit(name, spec) {
    if (name === current) view.dispatch(spec(view.state));
    else if (states.has(name)) states.set(name, states.get(name).update(spec(states.get(name))).state);
    else return false;
    return true;
  }
  narrow.addEventListener("change", remode);

  function message(diagnostic) {
    const body = element("div", "tip");
    const head = element("div", "tip__head");
    head.append(
      element("span", `tip__level tip__level--${diagnostic.severity}`, diagnostic.level ?? LEVEL_WORDS[diagnostic.severity]),
      element("code", "tip__rule", diagnostic.source ?? ""),
    );
    body.append(head, element("p", "tip__message", diagnostic.message));
    if (diagnostic.why) body.append(element("p", "tip__why", diagnostic.why));
    return body;
  }

  return {
    /**
     * Shows a file; its text, undo history, folds and selection come back when it was open before.
     * Returns the text as held here: line breaks are "\n", and offsets count in that text.
     */
    open(name, text) {
      if (name === current) return view.state.doc.toString();
      if (current !== null) states.set(current, view.state);
      const kept = states.get(name);
      states.delete(name);
      show(name, kept ?? EditorState.create({ doc: text, extensions: extensions(name) }));
      return view.state.doc.toString();
    },
    /** Forgets a file. When it is the one shown, the editor is blank until the next open(). */
    close(name) {
      states.delete(name);
      if (name !== current) return;
      current = null;
      view.setState(blank());
    },
    rename(from, to) {
      const effects = [slots.language.reconfigure(language(to)), slots.label.reconfigure(label(to))];
      if (!edit(from, () => ({ effects }))) return;
      if (from === current) current = to;
      else {
        states.set(to, states.get(from));
        states.delete(from);
      }
    },
    /** Replaces a file's text as one undo step; does not call onChange. */
    setText(name, text) {
      edit(name, (state) => ({ changes: replacement(state.doc.toString(), state.toText(text).toString()), annotations: [programmatic.of(true), isolateHistory.of("full")], userEvent: "input.fix" }));
    },
    /** Results for the file that is shown. */
    setDiagnostics(list) {
      if (current === null) return;
      const { length } = view.state.doc;
      const within = (offset) => Math.max(0, Math.min(Number(offset) || 0, length));
      const diagnostics = Array.from(list).slice(0, MAX_DIAGNOSTICS).map((d) => {
        const from = within(d.from);
        const severity = d.severity in LEVEL_WORDS ? d.severity : "info";
        const shown = { ...d, severity };
        return {
          from,
          to: Math.max(from, within(d.to)),
          severity,
          message: `${d.source ?? ""} ${d.message}`,
          renderMessage: () => message(shown),
          actions: (d.fixes ?? []).map((fix) => ({ name: fix.title, apply: () => onFix(d.key, fix.index) })),
        };
      });
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    /** Selects a range of the file that is shown, brings it to the middle and takes the focus. */
    reveal(from, to = from) {
      const { length } = view.state.doc;
      const anchor = Math.min(from, length);
      const head = Math.min(Math.max(from, to), length);
      view.dispatch({ selection: { anchor, head }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      view.focus();
    },
    /** The text of an open file; of the one shown when no name is given; null when there is none. */
    text(name = current) {
      if (name === null) return null;
      return (name === current ? view.state : states.get(name))?.doc.toString() ?? null;
    },
    focus() { view.focus(); },
    setDark(value) { dark = Boolean(value); remode(); },
    setReadOnly(value) { readOnly = Boolean(value); remode(); },
    /** A read-only unified view of a change. Returns the function that removes it. */
    showDiff(place, before, after, name) {
      const diff = new EditorView({
        parent: place,
        doc: after,
        extensions: [
          lineNumbers(), highlighting, language(name), highlightSpecialChars(), EditorView.lineWrapping,
          EditorView.darkTheme.of(dark), EditorState.readOnly.of(true), EditorView.editable.of(false),
          EditorView.contentAttributes.of({ "aria-label": `Change to ${name}`, tabindex: "0" }),
          unifiedMergeView({ original: before, mergeControls: false, highlightChanges: true, gutter: true, collapseUnchanged: { margin: 3, minSize: 4 } }),
        ],
      });
      return () => diff.destroy();
    },
    destroy() {
      narrow.removeEventListener("change", remode);
      view.destroy();
      hint.remove();
    },
  };
}
