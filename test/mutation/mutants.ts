import { stripTypeScriptTypes } from 'node:module'
import { type Expression, type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import * as is from 'typescript/unstable/ast/is'
import { regexChanges } from './regex.ts'
import { runtimeNodes } from './syntax.ts'

export interface Mutant {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly start: number
  readonly end: number
  readonly text: string
  /** What was done, in a word. */
  readonly change: string
}

type Change = readonly [change: string, at: { readonly start: number; readonly end: number }, text: string]

/** Each of them another bug: where the tests still pass, they did not look. */
const OPERATORS: readonly ((node: Node, file: SourceFile) => Change[])[] = [
  comparisons,
  connectives,
  conditions,
  literals,
  texts,
  calls,
  methods,
  collections,
  chains
]

/** All changes of these nodes, without those that are no program, or the same one. */
export function mutantsOf(file: string, tree: SourceFile, roots: readonly Node[] = [tree]): Mutant[] {
  const mutants = new Map<string, Mutant>()
  for (const node of roots.flatMap(root => [...runtimeNodes(root)])) {
    for (const [change, { start, end }, text] of OPERATORS.flatMap(operator => operator(node, tree))) {
      const line = tree.text.slice(0, start).split('\n').length
      mutants.set(`${start} ${end} ${text}`, { file, line, start, end, text, change })
    }
  }
  const original = erased(tree.text)
  return [...mutants.values()].filter(mutant => {
    const code = erased(mutated(tree.text, mutant))
    return code !== undefined && code !== original
  })
}

export function mutated(source: string, { start, end, text }: Pick<Mutant, 'start' | 'end' | 'text'>): string {
  return source.slice(0, start) + text + source.slice(end)
}

/** Undefined: no program. */
function erased(source: string): string | undefined {
  try {
    return stripTypeScriptTypes(source)
  } catch {
    return undefined
  }
}

/** A receiver's proof: its scheme and handshakes, and the declarations of its file that these need. */
export function proofOf(tree: SourceFile): Node[] {
  const declared = new Map<string, Node>()
  const found = new Set<Node>()
  for (const statement of tree.statements) {
    if (is.isFunctionDeclaration(statement)) declared.set(statement.name!.text, statement)
    if (!is.isVariableStatement(statement)) continue
    for (const declaration of statement.declarationList.declarations) {
      const object = declaration.initializer
      if (object === undefined || !is.isObjectLiteralExpression(object)) declared.set(named(declaration), declaration)
      else if (!object.properties.some(property => named(property) === 'scheme'))
        declared.set(named(declaration), object)
      else for (const property of object.properties) if (isProof(property)) found.add(property)
    }
  }
  // A set gives what is added while it is walked, too.
  for (const root of found) {
    for (const node of runtimeNodes(root)) {
      const needed = is.isIdentifier(node) ? declared.get(node.text) : undefined
      if (needed !== undefined) found.add(needed)
    }
  }
  return [...found]
}

function isProof(property: Node): boolean {
  return ['scheme', 'handshakes'].includes(named(property))
}

function named(node: Node): string {
  const name = (node as { readonly name?: Node }).name
  return name !== undefined && is.isIdentifier(name) ? name.text : ''
}

const COMPARISONS: Partial<Record<SyntaxKind, string>> = {
  [SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [SyntaxKind.LessThanToken]: '<=',
  [SyntaxKind.LessThanEqualsToken]: '<',
  [SyntaxKind.GreaterThanToken]: '>=',
  [SyntaxKind.GreaterThanEqualsToken]: '>',
  [SyntaxKind.PlusToken]: '-',
  [SyntaxKind.MinusToken]: '+',
  [SyntaxKind.AsteriskToken]: '/',
  [SyntaxKind.SlashToken]: '*'
}

function comparisons(node: Node, file: SourceFile): Change[] {
  if (!is.isBinaryExpression(node)) return []
  const text = COMPARISONS[node.operatorToken.kind]
  return text === undefined ? [] : [['operator', span(node.operatorToken, file), text]]
}

/** `a && b`: the other connective, and each side alone. Of `a ?? b` the default is dropped. */
function connectives(node: Node, file: SourceFile): Change[] {
  if (!is.isBinaryExpression(node)) return []
  const { left, right, operatorToken } = node
  const alone = (side: Expression): Change => ['side alone', span(node, file), side.getText(file)]
  if (operatorToken.kind === SyntaxKind.QuestionQuestionToken) return [alone(left)]
  if (operatorToken.kind === SyntaxKind.AmpersandAmpersandToken) {
    return [['connective', span(operatorToken, file), '||'], alone(left), alone(right)]
  }
  if (operatorToken.kind !== SyntaxKind.BarBarToken) return []
  return [['connective', span(operatorToken, file), '&&'], alone(left), alone(right)]
}

/** Always and never. Never is an early return that was forgotten. */
function conditions(node: Node, file: SourceFile): Change[] {
  const condition = is.isIfStatement(node)
    ? node.expression
    : is.isConditionalExpression(node)
      ? node.condition
      : undefined
  if (condition !== undefined) {
    return ['true', 'false'].map(text => ['condition', span(condition, file), text])
  }
  return is.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken
    ? [['negation', span(node, file), node.operand.getText(file)]]
    : []
}

function literals(node: Node, file: SourceFile): Change[] {
  if (node.kind === SyntaxKind.TrueKeyword) return [['literal', span(node, file), 'false']]
  if (node.kind === SyntaxKind.FalseKeyword) return [['literal', span(node, file), 'true']]
  if (!is.isNumericLiteral(node)) return []
  const number = Number(node.text)
  return [number + 1, number - 1].map(other => ['number', span(node, file), other < 0 ? `(${other})` : String(other)])
}

function texts(node: Node, file: SourceFile): Change[] {
  if (is.isStringLiteral(node) || is.isNoSubstitutionTemplateLiteral(node)) {
    // What only a developer reads may say what it likes.
    if (is.isNewExpression(node.parent) && node.parent.expression.getText(file) === 'TypeError') return []
    // Nothing has such a type: the same as a condition that is always or never true.
    if (is.isBinaryExpression(node.parent) && is.isTypeOfExpression(node.parent.left)) return []
    return [['text', span(node, file), node.text === '' ? "'mutant'" : "''"]]
  }
  if (is.isTemplateExpression(node)) return [['text', span(node, file), "''"]]
  if (!is.isRegularExpressionLiteral(node)) return []
  const { start } = span(node, file)
  return regexChanges(node.getText(file)).map(piece => [
    'regex',
    { start: start + piece.start, end: start + piece.end },
    piece.text
  ])
}

/** A statement that does nothing any more, a call without its arguments, a function without its result. */
function calls(node: Node, file: SourceFile): Change[] {
  if (is.isExpressionStatement(node)) return [['statement', span(node, file), ';']]
  if (is.isArrowFunction(node) && !is.isBlock(node.body)) return [['result', span(node.body, file), 'undefined']]
  if (!is.isCallExpression(node) && !is.isNewExpression(node)) return []
  const [first] = node.arguments ?? []
  const last = node.arguments?.at(-1)
  if (first === undefined || last === undefined) return []
  return [['arguments', { start: span(first, file).start, end: last.end }, '']]
}

const METHODS: Readonly<Record<string, string>> = {
  every: 'some',
  some: 'every',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  indexOf: 'lastIndexOf',
  lastIndexOf: 'indexOf',
  floor: 'ceil',
  ceil: 'floor',
  min: 'max',
  max: 'min',
  getAll: 'get'
}
const DROPPED = ['trim', 'trimStart', 'filter', 'toLowerCase', 'toUpperCase', 'sort', 'slice', 'replace', 'flat']

function methods(node: Node, file: SourceFile): Change[] {
  if (!is.isCallExpression(node) || !is.isPropertyAccessExpression(node.expression)) return []
  const { name, expression } = node.expression
  const other = METHODS[name.text]
  if (other !== undefined) return [['method', span(name, file), other]]
  return DROPPED.includes(name.text) ? [['method', span(node, file), expression.getText(file)]] : []
}

function collections(node: Node, file: SourceFile): Change[] {
  if (is.isArrayLiteralExpression(node) && node.elements.length > 0) return [['empty', span(node, file), '[]']]
  return is.isObjectLiteralExpression(node) && node.properties.length > 0 ? [['empty', span(node, file), '({})']] : []
}

function chains(node: Node, file: SourceFile): Change[] {
  if (node.kind !== SyntaxKind.QuestionDotToken) return []
  const at = span(node, file)
  return [['chain', at, /[[(]/.test(file.text[at.end] ?? '') ? '' : '.']]
}

function span(node: Node, file: SourceFile): { start: number; end: number } {
  return { start: node.getStart(file), end: node.end }
}
