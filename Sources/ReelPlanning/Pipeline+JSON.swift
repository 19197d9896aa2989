// Documents, pipelines and graphs as JSON, for `reel show` and `--json`.

import ReelStage

extension Document {
  /// The values with their places, `line:column`.
  public var json: JSON { ["file": .string(file), "root": root.placedJSON] }
}

extension Value {
  fileprivate var placedJSON: JSON {
    let place = JSON.string("\(place.line):\(place.column)")
    return switch content {
    case .nothing: ["at": place, "nothing": true]
    case .text(let text): ["at": place, "text": .string(text)]
    case .list(let values): ["at": place, "list": .array(values.map(\.placedJSON))]
    case .record(let fields):
      [
        "at": place,
        "record": .array(
          fields.map { field in
            [
              "at": .string("\(field.place.line):\(field.place.column)"), "name": .string(field.name),
              "value": field.value.placedJSON,
            ]
          }),
      ]
    }
  }
}

extension Pipeline {
  /// The pipeline with its includes, references not filled in.
  public var json: JSON {
    [
      "file": .string(file), "name": .string(name), "sources": .array(sources.map { .string($0) }),
      "plugins": .array(pluginFolders.map { .string($0.path) }), "vars": .object(scope.vars.json),
      "env": .array(scope.declared.map { .string($0) }),
      "matrix": [
        "axes": .array(
          matrix.axes.map { ["name": .string($0.name), "rows": .array($0.rows.map(\.json))] }),
        "variants": .array(matrix.variants.map(\.json)),
      ],
      "nodes": .array(nodes.map(\.json)), "outputs": .array(outputs.map(\.json)),
    ]
  }
}

extension Row {
  fileprivate var json: JSON {
    var members = value.record?.json ?? [:]
    members["id"] = .string(id)
    return .object(members)
  }
}

extension NodeDeclaration {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "id": .string(id), "stage": .string(stage), "with": .object(parameters.json),
      "retries": .integer(retries),
      "in": .object(
        Dictionary(
          inputs.map { ($0.port, .array($0.sources.map(\.json))) }, uniquingKeysWith: { first, _ in first })),
    ]
    members["timeout"] = timeout.map { .number($0) }
    members["memory"] = memory.map { .integer($0.bytes) }
    members["each"] = each?.json
    members["shots"] = shots?.json
    if !conditions.isEmpty { members["when"] = conditions.json }
    return .object(members)
  }
}

extension Conditions {
  fileprivate var json: JSON {
    func members(_ conditions: [Condition]) -> [String: JSON] {
      Dictionary(
        conditions.map { ($0.lookUp.text ?? "", .array($0.wanted.map { .string($0) })) },
        uniquingKeysWith: { first, _ in first })
    }
    var json = members(all)
    if !not.isEmpty { json["not"] = .object(members(not)) }
    return .object(json)
  }
}

extension SourceDeclaration {
  fileprivate var json: JSON { .string(text) }
}

extension OutputDeclaration {
  fileprivate var json: JSON {
    var members: [String: JSON] = ["path": .string(path), "from": source.json]
    if !conditions.isEmpty { members["when"] = conditions.json }
    return .object(members)
  }
}

extension Graph {
  /// The expanded nodes and outputs.
  public var json: JSON {
    [
      "name": .string(pipeline.name), "nodes": .array(nodes.map { json(of: $0) }),
      "outputs": .array(
        outputs.map { ["path": .string($0.path), "from": json(of: $0.source), "variant": $0.variant.json] }),
    ]
  }

  private func json(of node: GraphNode) -> JSON {
    var members: [String: JSON] = [
      "name": .string(node.name), "id": .string(node.id), "variant": node.variant.json,
      "stage": .string(node.stage), "parameters": node.parameters, "retries": .integer(node.retries),
      "files": .array(
        node.files.map { ["parameter": .string($0.parameter.description), "path": .string($0.path)] }),
      "inputs": .object(node.inputs.mapValues { .array($0.map { json(of: $0) }) }),
    ]
    members["timeout"] = node.timeout.map { .number($0) }
    members["memory"] = node.memory.map { .integer($0.bytes) }
    members["shots"] = node.shots.map { json(of: $0) }
    if case .failure(let unavailable) = node.manifest { members["unavailable"] = .string(unavailable.reason) }
    return .object(members)
  }

  private func json(of source: GraphSource) -> JSON {
    ["node": .string(nodes[source.node].name), "port": .string(source.port)]
  }
}
