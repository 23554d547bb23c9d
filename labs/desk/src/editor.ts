// A box to write code in: CodeMirror with Python's colours, and no key that a reader would not expect.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
]);

/** The box's text can be read and replaced; whoever made it is told of each change. */
export interface Editor {
  element: HTMLElement;
  text: string;
  focus(from: number, to: number): void;
}

/** Make a box. `run` is what Ctrl + Enter and Shift + Enter do. Tab leaves the box, as everywhere on the page. */
export function makeEditor(
  text: string,
  name: string,
  changed: ((text: string) => void) | null,
  run: () => void,
): Editor {
  const runs = [{ key: "Ctrl-Enter", run: act }, { key: "Mod-Enter", run: act }, { key: "Shift-Enter", run: act }];
  function act(): boolean {
    run();
    return true;
  }
  let quiet = false;
  const view = new EditorView({
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of(runs)),
        history(),
        indentUnit.of("    "),
        indentOnInput(),
        bracketMatching(),
        python(),
        syntaxHighlighting(COLOURS),
        EditorView.lineWrapping,
        EditorState.readOnly.of(!changed),
        EditorView.editable.of(Boolean(changed)),
        EditorView.contentAttributes.of({
          "aria-label": name,
          ...(changed ? {} : { tabindex: "0", role: "textbox", "aria-readonly": "true" }),
          autocapitalize: "off",
          autocorrect: "off",
          spellcheck: "false",
        }),
        keymap.of([...historyKeymap, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && changed && !quiet) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    element: view.dom,
    get text() {
      return view.state.doc.toString();
    },
    set text(now: string) {
      if (now === view.state.doc.toString()) return;
      quiet = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: now } });
      quiet = false;
    },
    focus: (from, to) => {
      view.focus();
      view.dispatch({ selection: { anchor: from, head: to } });
    },
  };
}
