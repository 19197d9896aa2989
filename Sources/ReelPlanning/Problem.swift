// Every error of planning, worded in one place.

import ReelStage

/// What can be wrong with a pipeline. The place comes before the message; the cure, where there is one, at
/// its end.
enum Problem: Hashable {
  // Files
  case pipelineUnreadable(FileProblem)
  case file(String, FileProblem)
  case fileTooLarge(bytes: Int, limit: Int)
  case notUTF8
  case controlCharacter(Int)
  case outOfMemory
  case manyMore
  // YAML
  case syntax(String, context: String?, since: Place?)
  case tabIndentation
  case tooDeep(limit: Int)
  case tooManyValues(limit: Int)
  case severalDocuments
  case emptyFile
  case unknownAnchor(String, known: [String])
  case keyIsNoText
  case mergeOfNoMapping(found: String)
  case duplicateKey(String, first: Place)
  case unknownTag(String)
  // CSV
  case emptyCSV
  case emptyColumnName
  case duplicateColumn(String)
  case fieldCount(wanted: Int, found: Int)
  case tooManyRows(limit: Int)
  case tooManyColumns(limit: Int)
  case textAfterQuote
  case strayQuote
  case openQuote
  case emptyFeed
  // Feeds
  case json(wanted: String, found: String)
  case tooManyFeedValues(limit: Int)
  case noColumn(String, found: [String])
  case undeclaredColumn(String, declared: [String])
  case wrongCell(String, wanted: String, found: String, meant: [String])
  case longCell(String, limit: Int, found: Int)
  case repeatedCell(String, String, first: Place)
  case feedFile(FileReference, FileProblem)
  // References
  case openReference(String)
  case badReference(String)
  case unknownReference([String])
  case wantsField(String)
  case unknownVariable(String, known: [String])
  case unknownField(String, of: String, known: [String])
  /// A field that a row, as a feed has it, lacks.
  case unknownRowField(String, of: String, known: [String])
  case unknownElement(String, of: String, count: Int)
  case fieldOfText(names: [String])
  case noTextInText([String], found: String)
  case unknownAxis(String, known: [String])
  case matrixNotHere(names: [String])
  case eachOutsideForeach
  case nameInName
  case undeclaredEnvironment(String, declared: [String])
  case unsetEnvironment(String)
  case variableCycle([String])
  case variablesTooDeep(Int)
  case expansionTooLarge
  // The pipeline
  case wrong(String, wanted: String, found: String)
  case unknownKey(String, known: [String])
  case unknownKeyOf(String, String, known: [String])
  case missingVersion
  case otherVersion(found: String)
  case includeCycle([String])
  case includedTwice(String)
  case tooManyFiles(limit: Int)
  case duplicate(String, String, first: Place)
  case badName(String, of: String)
  // The matrix
  case noRows(String)
  case rowWithoutID(String)
  case badID(found: String)
  case unknownRow(String, of: String, known: [String], meant: String?)
  case inclusionWithoutAxis(String)
  case everythingExcluded
  case tooManyVariants(limit: Int)
  // Nodes
  case noNodes
  case conditionNeverHolds(String, String, known: [String])
  case absentSource(what: String, node: String, source: String)
  case shotsOfOther(String, node: String, given: String)
  case shotElsewhere
  case nodeWithoutStage(String, known: [String])
  case noPluginFolder(String)
  case unknownNode(String, known: [String])
  case unknownStage(String, known: [String])
  case unknownPort(String, of: String, known: [String])
  case unknownOutput(String, of: String, stage: String, known: [String])
  case missingInput(String, node: String, stage: String)
  case portTypes(port: String, node: String, wanted: String, source: String, given: String)
  case cycle([String])
  case tooManyNodes(limit: Int)
  case unknownParameter(String, stage: String, known: [String])
  case unknownParameterField(String, of: String, stage: String, known: [String])
  case missingParameter(String, node: String, stage: String)
  case missingParameterField(String, of: String, stage: String)
  case wrongParameter(String, wanted: String, found: String, from: Place?)
  /// What the stage itself says, of a parameter or of all.
  case refusedParameters(String, from: Place?)
  case refusedNode(String, node: String)
  case parameterFile(FileReference, FileProblem)
  // Outputs
  case tooManyOutputs(limit: Int)
  case noOutputPath
  case outputIsFolder(String)
  case outputClimbs(String)
  case longName(String, bytes: Int, limit: Int)
  case outputIsRead(String, as: String)
  case outputInsideRead(String, of: String)
  case outputInStore(String)
  case outputInOutput(String, outer: String, at: Place)
  case outputInTheWay(String, found: FileKind, wanted: FileKind)
  case outputsCollide(String, Variant, Variant, axis: String?)
  // Targets
  case unknownTarget(String, known: [String])
  case unknownTargetRow(String, node: String, known: [String])
  case noTargetRow(node: String)
  case noSuchVariant(node: String)
  case noOutputMatches(known: [String])
  case absentTarget(String)
  case endNotNeeded
  case unknownVariantRow(String, known: [String])
  case rowsOfOneAxis(String, rows: [String])
  case nothingIsOfVariant
}

extension Problem {
  /// A table of words: one entry a problem, so that the compiler finds one that is missing.
  var message: String {
    switch self {
    // Files, YAML and CSV
    case .pipelineUnreadable(let problem): problem.message
    case .file(let path, let problem): "\(quoted(path)) \(problem.message)" + problem.suggestion(for: path)
    case .fileTooLarge(let bytes, let limit):
      "the file has \(megabytes(bytes)); at most \(megabytes(limit)) are read"
    case .notUTF8: "the text is not UTF-8; save the file as UTF-8"
    case .controlCharacter(let value):
      "character U+\(hexadecimal(value)) cannot stand in a text file; remove it"
    case .outOfMemory: "no memory is left"
    case .manyMore: "more errors follow; mend these first"
    case .syntax(let problem, let context, let since):
      problem + (context.map { " " + $0 } ?? "")
        + (since.map { " that began at \($0.line):\($0.column)" } ?? "")
    case .tabIndentation: "indented with a tab; YAML wants spaces"
    case .tooDeep(let limit): "lists and mappings nest deeper than \(limit)"
    case .tooManyValues(let limit):
      "the file holds more than \(limit) values, aliases counted as what they stand for"
    case .severalDocuments: "a second document begins; a pipeline file has one"
    case .emptyFile: "the file is empty; wanted a pipeline, which begins with 'reel: 1'"
    case .unknownAnchor(let name, let known):
      "no anchor '&\(name)' stands before the alias '*\(name)'" + didYouMean(name, known) { "*" + $0 }
    case .keyIsNoText: "a key must be text"
    case .mergeOfNoMapping(let found): "'<<' wanted a mapping or a list of mappings, found \(found)"
    case .duplicateKey(let name, let first): "key \(quoted(name)) is given twice; first in line \(first.line)"
    case .unknownTag(let tag): "tag \(quoted(tag)) has no meaning here; remove it"
    case .emptyCSV: "the file is empty; wanted a header line with an 'id' column"
    case .emptyColumnName: "a column has no name"
    case .duplicateColumn(let name): "column \(quoted(name)) is there twice"
    case .fieldCount(let wanted, let found): "wanted \(wanted) fields as in the header, found \(found)"
    case .tooManyRows(let limit): "the file has more than \(limit) rows"
    case .tooManyColumns(let limit): "the line has more than \(limit) fields"
    case .textAfterQuote: "text after a closing quote; double a quote that belongs to the field"
    case .strayQuote:
      "a quote inside a field that does not begin with one; put the field in quotes and double it"
    case .openQuote: "the quote is never closed"
    case .emptyFeed: "the feed has no rows"
    case .json(let wanted, let found): "JSON wanted \(wanted), found \(found)"
    case .tooManyFeedValues(let limit): "the feed holds more than \(limit) values"
    case .noColumn(let name, let found):
      "no column is called \(quoted(name))"
        + (nearestName(to: name, among: found).map { "; did you mean '\($0)'?" } ?? "; found \(list(found))")
    case .undeclaredColumn(let name, let declared):
      "column \(quoted(name)) is not declared" + didYouMean(name, declared, orOneOf: declared)
    case .wrongCell(let column, let wanted, let found, let meant):
      "column '\(column)': wanted \(wanted), found \(found)"
        + (nearestName(to: String(found.dropFirst().dropLast()), among: meant).map {
          "; did you mean '\($0)'?"
        }
          ?? "")
    case .longCell(let column, let limit, let found):
      "column '\(column)': wanted at most \(limit) characters, found \(found)"
    case .repeatedCell(let column, let text, let first):
      "column '\(column)': \(quoted(text)) is already in \(first)"
    case .feedFile(let file, let problem):
      "column '\(file.parameter)': file \(quoted(file.path)) \(problem.message)"
        + problem.suggestion(for: file.path)
    // References
    case .openReference(let text):
      "\(quoted(text)) has no closing '}'; write '$${' for the characters '${' themselves"
    case .badReference(let text):
      "'${\(text)}' is no reference; wanted names joined by dots as in '${vars.brief}', or '$${' for the "
        + "characters '${' themselves"
    case .unknownReference(let names):
      "'${\(names.joined(separator: "."))}' names nothing; wanted vars, matrix, each, env or name"
        + didYouMean(names[0], ["vars", "matrix", "each", "env", "name"]) {
          "${\(([$0] + names.dropFirst()).joined(separator: "."))}"
        }
    case .wantsField(let root): "'${\(root)}' is no single value; wanted a name after it as in '${\(root).…}'"
    case .unknownVariable(let name, let known): "unknown variable '\(name)'" + didYouMean(name, known)
    case .unknownField(let name, let owner, let known):
      "unknown field '\(name)' of '\(owner)'" + didYouMean(name, known)
    case .unknownRowField(let name, let owner, let known):
      "unknown field '\(name)' of '\(owner)'" + didYouMean(name, known, orOneOf: known)
    case .unknownElement(let name, let owner, let count):
      "'\(owner)' has no element '\(name)'; wanted a number from 0 to \(count - 1)"
    case .fieldOfText(let names):
      "'\(names.dropLast().joined(separator: "."))' has no fields, so there is no '\(names.last ?? "")' in it"
    case .noTextInText(let names, let found):
      "'${\(names.joined(separator: "."))}' inside a text: wanted text, found \(found)"
    case .unknownAxis(let name, let known): "unknown axis '\(name)'" + didYouMean(name, known)
    case .matrixNotHere(let names):
      "'${\(names.joined(separator: "."))}' cannot stand here: it is the same for all variants"
    case .eachOutsideForeach: "'${each}' stands only in a node with 'foreach', and in the path of its output"
    case .nameInName: "'${name}' cannot stand in the name itself"
    case .undeclaredEnvironment(let name, let declared):
      "environment variable '\(name)' is not declared"
        + (nearestName(to: name, among: declared).map { "; did you mean '\($0)'?" }
          ?? "; add it to 'env' at the top of the pipeline")
    case .unsetEnvironment(let name): "environment variable '\(name)' is not set"
    case .variableCycle(let names): "variables refer to each other: \(names.joined(separator: " → "))"
    case .variablesTooDeep(let limit): "variables refer to each other more than \(limit) deep"
    case .expansionTooLarge: "filling in '${…}' makes too much text"
    // The pipeline and its matrix
    case .wrong(let what, let wanted, let found): "\(what): wanted \(wanted), found \(found)"
    case .unknownKey(let name, let known):
      "unknown key \(quoted(name))" + didYouMean(name, known, orOneOf: known)
    case .unknownKeyOf(let owner, let name, let known):
      "unknown key \(quoted(name)) of \(owner)" + didYouMean(name, known, orOneOf: known)
    case .missingVersion: "no 'reel: \(Pipeline.version)' says which version of the language this is; add it"
    case .otherVersion(let found): "'reel': wanted \(Pipeline.version), found \(found)"
    case .includeCycle(let files): "files include each other: \(files.joined(separator: " → "))"
    case .includedTwice(let file): "\(quoted(file)) is included twice"
    case .tooManyFiles(let limit): "more than \(limit) files are included"
    case .duplicate(let kind, let name, let first): "\(kind) \(quoted(name)) is already declared at \(first)"
    case .badName(let name, let kind):
      "\(kind) \(quoted(name)): wanted a name of letters, digits, '-' and '_'"
    case .noRows(let what): "\(what) has no rows, so there is nothing to make"
    case .rowWithoutID(let what): "a row of \(what) has no 'id'"
    case .badID(let found): "'id': wanted letters, digits, '.', '_', '+' and '-', found \(found)"
    case .unknownRow(let found, let axis, let known, let meant):
      "axis '\(axis)' has no row \(found)" + didYouMean(meant ?? "", known, orOneOf: known)
    case .inclusionWithoutAxis(let axis):
      "an entry of 'include' wants a row for every axis; '\(axis)' is missing"
    case .everythingExcluded: "'exclude' leaves no variant, so there is nothing to make"
    case .tooManyVariants(let limit): "the matrix has more than \(limit) variants"
    // Nodes, outputs and targets
    case .conditionNeverHolds(let name, let text, let known):
      "'when': no row has \(quoted(text)) as '\(name)'" + didYouMean(text, known, orOneOf: known)
    case .absentSource(let what, let node, let source):
      "'\(node)' needs \(what), but the 'when' of '\(source)' leaves it out there; give both the same 'when'"
    case .shotsOfOther(let source, let node, let given):
      "'foreach' of node '\(node)' wants prompts, '\(source)' gives \(given)"
    case .shotElsewhere:
      "'${each}' is a shot here, which is known only while the pipeline runs; it can stand only in 'with'"
    case .noNodes: "the pipeline has no nodes; add some under 'stages'"
    case .nodeWithoutStage(let name, let known):
      "node \(quoted(name)) has no 'stage', and no included file declares it" + didYouMean(name, known)
    case .noPluginFolder(let path): "'plugins': wanted a folder, found \(quoted(path)), which is none"
    case .unknownNode(let name, let known):
      "unknown node \(quoted(name))" + didYouMean(name, known, orOneOf: known)
    case .unknownStage(let name, let known):
      "unknown stage \(quoted(name))" + didYouMean(name, known, orOneOf: known)
    case .unknownPort(let name, let stage, let known):
      "unknown input \(quoted(name)) for stage '\(stage)'"
        + (known.isEmpty ? "; it has none" : didYouMean(name, known, orOneOf: known))
    case .unknownOutput(let name, let node, let stage, let known):
      "node '\(node)' of stage '\(stage)' has no output \(quoted(name))"
        + didYouMean(name, known, orOneOf: known)
    case .missingInput(let port, let node, let stage):
      "node '\(node)': input '\(port)' is missing, which stage '\(stage)' requires"
    case .portTypes(let port, let node, let wanted, let source, let given):
      "port '\(port)' of '\(node)' wants \(wanted), '\(source)' gives \(given)"
    case .cycle(let ids):
      "nodes feed each other: \(ids.prefix(10).joined(separator: " → "))"
        + (ids.count > 11
          ? " → … (\(ids.count - 11) more) → \(ids[0])" : ids.dropFirst(10).map { " → " + $0 }.joined())
    case .tooManyNodes(let limit): "the graph has more than \(limit) nodes, one for each variant"
    case .unknownParameter(let name, let stage, let known):
      "unknown parameter \(quoted(name)) for stage '\(stage)'" + didYouMean(name, known)
    case .unknownParameterField(let name, let owner, let stage, let known):
      "unknown field \(quoted(name)) of parameter '\(owner)' for stage '\(stage)'" + didYouMean(name, known)
    case .missingParameter(let name, let node, let stage):
      "node '\(node)': parameter '\(name)' is missing, which stage '\(stage)' requires"
    case .missingParameterField(let name, let owner, let stage):
      "parameter '\(owner)': field '\(name)' is missing, which stage '\(stage)' requires"
    case .wrongParameter(let path, let wanted, let found, let origin):
      "parameter '\(path)': wanted \(wanted), found \(shortened(found))"
        + (origin.map { " (from \($0))" } ?? "")
    case .refusedParameters(let reason, let origin): reason + (origin.map { " (from \($0))" } ?? "")
    case .refusedNode(let reason, let node): "node '\(node)': " + reason
    case .parameterFile(let reference, let problem):
      "parameter '\(reference.parameter)': " + reference.description + " " + problem.message
        + problem.suggestion(for: reference.path)
    case .tooManyOutputs(let limit): "the pipeline has more than \(limit) outputs, one for each variant"
    case .noOutputPath: "an output has an empty path; wanted the path of a file"
    case .outputIsFolder(let path): "output \(quoted(path)): wanted a name at the end of its path"
    case .outputClimbs(let path):
      "output \(quoted(path)) leaves the pipeline's folder by words of a row or a variable; write '..' or the "
        + "first '/' in the pipeline itself"
    case .longName(let path, let bytes, let limit):
      "output \(quoted(path)): a name in it has \(bytes) bytes; wanted at most \(limit)"
    case .outputIsRead(let path, let input):
      path == input
        ? "output \(quoted(path)) is read by this pipeline; write it elsewhere"
        : "output \(quoted(path)) would take the place of \(quoted(input)), which this pipeline reads; "
          + "write it elsewhere"
    case .outputInsideRead(let path, let input):
      "output \(quoted(path)) lies in \(quoted(input)), which this pipeline reads; write it elsewhere"
    case .outputInStore(let path):
      "output \(quoted(path)) lies in the store '.reel', which is reel's own; write it elsewhere"
    case .outputInOutput(let path, let outer, let place):
      "output \(quoted(path)) lies in output \(quoted(outer)), which is declared at \(place)"
    case .outputInTheWay(let path, let found, let wanted):
      "output \(quoted(path)): \(found.rawValue) stands there, wanted room for \(wanted.rawValue); move it away"
    case .outputsCollide(let path, let first, let second, let axis):
      "output \(quoted(path)) is made by \(first) and by \(second)"
        + (axis.map { "; put ${matrix.\($0)} into its path" } ?? "")
    case .unknownTarget(let name, let known):
      "no node or output is called \(quoted(name))" + didYouMean(name, known)
    case .noTargetRow(let node): "wanted a row after '\(node)@', found nothing"
    case .unknownTargetRow(let row, let node, let known):
      known.isEmpty
        ? "node '\(node)' is the same for all variants; leave out '@\(row)'"
        : "no variant of node '\(node)' has a row \(quoted(row))" + didYouMean(row, known)
    case .noSuchVariant(let node): "no variant of node '\(node)' has all these rows"
    case .noOutputMatches(let known):
      "no output matches" + (known.first.map { "; one that there is: '\($0)'" } ?? "; the pipeline has none")
    case .absentTarget(let node): "node '\(node)' is in no variant: its 'when' leaves it out of all"
    case .endNotNeeded: "nothing that is to be built needs this node"
    case .unknownVariantRow(let row, let known):
      known.isEmpty
        ? "the pipeline has no matrix"
        : "no row is called \(quoted(row))" + didYouMean(row, known, orOneOf: known)
    case .rowsOfOneAxis(let axis, let rows):
      list(rows) + " are rows of one axis, '\(axis)', and nothing has both; repeat --only-variant for each"
    case .nothingIsOfVariant: "nothing that is to be built is in this variant"
    }
  }
}

extension FileProblem {
  fileprivate var message: String {
    switch self {
    case .missing: "does not exist"
    case .isFolder: "is a folder, wanted a file"
    case .isNoFolder: "is a file, wanted a folder"
    case .isNoModel(let patterns):
      "is no model; wanted a folder or a file such as " + patterns.map(quoted).joined(separator: " or ")
    case .isNoRegularFile: "is no regular file"
    case .tooLarge(let limit): "is too large; at most \(megabytes(limit)) are read"
    case .unreadable(let reason): "cannot be read: \(reason)"
    }
  }

  fileprivate func suggestion(for path: String) -> String {
    guard case .missing(let nearby) = self else { return "" }
    return didYouMean(path.split(separator: "/").last.map(String.init) ?? path, nearby)
  }
}

extension FileReference {
  /// With its kind, as messages name it: `file 'logo.png'`, `model 'embedded'`.
  fileprivate var description: String { (kind == .file ? "file " : "model ") + quoted(path) }
}

private func didYouMean(
  _ name: String, _ known: [String], orOneOf all: [String] = [], spelt: (String) -> String = { $0 }
) -> String {
  if let nearest = nearestName(to: name, among: known) { return "; did you mean '\(spelt(nearest))'?" }
  return all.isEmpty ? "" : "; wanted \(all.count == 1 ? "'\(all[0])'" : "one of " + list(all))"
}

/// The names in quotes; of very many the first ones.
private func list(_ names: [String]) -> String {
  names.prefix(30).map { quoted($0) }.joined(separator: ", ")
    + (names.count > 30 ? " and \(names.count - 30) more" : "")
}

/// One line of at most 120 characters.
private func shortened(_ text: String) -> String {
  let line = text.replacing("\n", with: "\\n")
  return line.count <= 120 ? line : line.prefix(119) + "…"
}

private func megabytes(_ bytes: Int) -> String { "\((bytes + (1 << 19)) >> 20) MB" }

private func hexadecimal(_ value: Int) -> String {
  let digits = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
