// Holds that every text that people read is in the catalogue: no letters stand between tags, nor in an attribute that is read out or shown.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const READ = ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'label', 'alt'];
/** Letters, apart from what every language writes alike. */
const said = (text) => /\p{L}/u.test(text.replaceAll(/\b(sha256|lookback)\b/g, ''));

function* wrong(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found = [];
  const place = (node, text) => found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${text.trim()}`);
  const literals = (node) => {
    if ((ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTail?.(node)) && said(node.text))
      place(node, node.text);
  };
  const shown = (node) => {
    // What an expression between tags comes to: its own text, or either arm of a choice.
    if (ts.isParenthesizedExpression(node)) shown(node.expression);
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(shown);
    else if (ts.isBinaryExpression(node)) [node.left, node.right].filter((_, side) => side === 1 || node.operatorToken.kind === ts.SyntaxKind.PlusToken).forEach(shown);
    else if (ts.isTemplateExpression(node)) {
      literals(node.head);
      for (const span of node.templateSpans) if (said(span.literal.text)) place(span, span.literal.text);
    } else literals(node);
  };
  const visit = (node) => {
    if (ts.isJsxText(node) && said(node.text)) place(node, node.text);
    if (ts.isJsxExpression(node) && node.expression && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent))) shown(node.expression);
    if (ts.isJsxAttribute(node) && READ.includes(node.name.getText()) && node.initializer) {
      if (ts.isStringLiteral(node.initializer)) literals(node.initializer);
      else if (node.initializer.expression) shown(node.initializer.expression);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  yield* found;
}

const files = ['src', 'src/pages', 'src/parts'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => join(folder, name)),
);
const all = files.flatMap((file) => [...wrong(file)]);
if (all.length) {
  console.error(`These texts belong into src/texts.ts:\n${all.join('\n')}`);
  process.exit(1);
}
