import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import { isImportDeclaration, isTypeNode } from 'typescript/unstable/ast/is'
import { API } from 'typescript/unstable/sync'

/**
 * The syntax trees of these sources, by the compiler's own parser: each file alone, without libraries and imports, so
 * that nothing but its text counts.
 */
export function parse<T>(sources: ReadonlyMap<string, string>, use: (tree: (file: string) => SourceFile) => T): T {
  const files = new Map([...sources].map(([file, text]) => [`/${file}`, text]))
  const config = { compilerOptions: { noLib: true, noResolve: true, types: [] }, files: [...sources.keys()] }
  files.set('/tsconfig.json', JSON.stringify(config))
  const api = new API({
    cwd: '/',
    fs: {
      readFile: path => files.get(path) ?? null,
      fileExists: path => files.has(path),
      directoryExists: () => true,
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      realpath: path => path
    }
  })
  try {
    const { program } = api.updateSnapshot({ openProjects: ['/tsconfig.json'] }).getProject('/tsconfig.json')!
    return use(file => program.getSourceFile(`/${file}`)!)
  } finally {
    api.close()
  }
}

/** The node and all below it that is left when types are erased. Imports name files, so they are left out too. */
export function* runtimeNodes(node: Node): Generator<Node> {
  if (isErased(node)) return
  yield node
  for (const child of childrenOf(node)) yield* runtimeNodes(child)
}

function isErased(node: Node): boolean {
  return (
    isTypeNode(node) ||
    isImportDeclaration(node) ||
    node.kind === SyntaxKind.ExportDeclaration ||
    node.kind === SyntaxKind.InterfaceDeclaration ||
    node.kind === SyntaxKind.TypeAliasDeclaration
  )
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  node.forEachChild(child => void children.push(child))
  return children
}
