// The JSON Schema of a pipeline file, for editors: from the stages' declarations.

import ReelStage

/// The JSON Schema (draft 2020-12) of a pipeline file whose nodes use these stages.
///
/// It accepts whatever the planner accepts: a scalar may be a `${…}` reference, and what is required may
/// come from a file that includes this one, so only the fields of records within parameters are required.
public func pipelineSchema(for manifests: [Manifest]) -> JSON {
  let manifests = manifests.sorted { $0.name < $1.name }
  var definitions: [String: JSON] = [
    "reference": ["type": "string", "pattern": "\\$\\{", "description": "Text with a ${…} reference."],
    "texts": ["anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]]],
    "row": [
      "anyOf": [
        ["type": ["string", "number", "boolean"]],
        ["type": "object", "required": ["id"], "properties": ["id": ["type": ["string", "number"]]]],
      ]
    ],
    "rows": [
      "description": "A list of ids or of records with an id, or a CSV or JSON file with an id in every row.",
      "anyOf": [
        ["type": "array", "items": ["$ref": "#/$defs/row"], "minItems": 1], ["$ref": "#/$defs/feed"],
        ["$ref": "#/$defs/reference"],
      ],
    ],
    "feed": feedSchema,
    "column": columnSchema,
    "source": [
      "anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"], "minItems": 1]]
    ],
    "conditions": [
      "type": "object",
      "description":
        "By look-up, matrix.format.id, the text that it must be or a list of them; all must hold.",
      "properties": [
        "not": [
          "type": "object", "description": "What must not all hold.",
          "additionalProperties": ["$ref": "#/$defs/words"],
        ]
      ],
      "additionalProperties": ["$ref": "#/$defs/words"],
    ],
    "words": [
      "anyOf": [
        ["type": ["string", "number", "boolean", "null"]],
        ["type": "array", "items": ["type": ["string", "number", "boolean", "null"]]],
      ]
    ],
    "output": [
      "anyOf": [
        ["type": "string"],
        [
          "type": "object", "required": ["from"], "additionalProperties": false,
          "properties": ["from": ["type": "string"], "when": ["$ref": "#/$defs/conditions"]],
        ],
      ]
    ],
    "node": nodeSchema(for: manifests),
  ]
  for manifest in manifests {
    definitions["with-\(manifest.name)"] = ParameterType.schema(of: manifest.parameters, isComplete: false)
    definitions["in-\(manifest.name)"] = inputSchema(for: manifest)
  }
  return [
    "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Reelwright pipeline",
    "type": "object", "required": ["reel"], "additionalProperties": false, "properties": topLevelSchema,
    "$defs": .object(definitions),
  ]
}

private let topLevelSchema: JSON = [
  "reel": ["const": .integer(Pipeline.version), "description": "The version of the language."],
  "name": ["type": "string", "description": "The campaign's name, ${name} in the paths of outputs."],
  "include": ["$ref": "#/$defs/texts", "description": "Pipelines whose stages, matrix and outputs come in."],
  "vars": [
    "type": "object", "description": "Values of any kind, ${vars.name}.",
    "propertyNames": ["pattern": "^[^\\s.${}]+$"],
  ],
  "env": ["$ref": "#/$defs/texts", "description": "Environment variables that ${env.NAME} may name."],
  "plugins": ["$ref": "#/$defs/texts", "description": "Folders with more plugins."],
  "matrix": [
    "type": "object", "description": "Axes; every node exists once for each combination of those it uses.",
    "properties": [
      "exclude": ["type": "array", "items": ["type": "object"], "description": "Variants to leave out."],
      "include": ["type": "array", "items": ["type": "object"], "description": "Variants to add."],
    ],
    "additionalProperties": ["$ref": "#/$defs/rows"],
  ],
  "stages": [
    "type": "object", "description": "The nodes by id.", "additionalProperties": ["$ref": "#/$defs/node"],
  ],
  "outputs": [
    "type": "object", "description": "By path, the node whose output is delivered there.",
    "additionalProperties": ["$ref": "#/$defs/output"],
  ],
]

private let feedSchema: JSON = [
  "type": "object", "required": ["from"], "additionalProperties": false,
  "properties": [
    "from": [
      "type": "string", "description": "The path of a CSV file, or of a JSON file that ends in .json.",
    ],
    "columns": [
      "type": "object", "description": "What the cells must hold, by column.",
      "additionalProperties": ["$ref": "#/$defs/column"],
    ],
    "strict": ["type": "boolean", "description": "Whether other columns are refused."],
  ],
]

private let columnSchema: JSON = [
  "anyOf": [
    ["enum": .array(Column.types.map { .string($0) })],
    [
      "type": "object", "required": ["type"], "additionalProperties": false,
      "properties": [
        "type": ["enum": .array(Column.types.map { .string($0) })],
        "required": ["type": "boolean", "description": "Whether no cell may be empty."],
        "unique": ["type": "boolean", "description": "Whether no two cells may be alike."],
        "minimum": ["type": ["number", "string"], "description": "Of an integer, a number or a date."],
        "maximum": ["type": ["number", "string"], "description": "Of an integer, a number or a date."],
        "maximum_length": ["type": "integer", "minimum": 1, "description": "Of a text, in characters."],
        "of": ["type": "array", "minItems": 1, "description": "Of a choice, the words that it can be."],
      ],
    ],
  ]
]

/// A node: its `with` and `in` follow from its `stage`.
private func nodeSchema(for manifests: [Manifest]) -> JSON {
  [
    "type": "object", "additionalProperties": false,
    "properties": [
      "stage": [
        "description": "The kind of work. Left out where an included file declares the node.",
        "anyOf": .array(
          manifests.map { ["const": .string($0.name), "description": .string($0.summary)] } + [
            ["type": "string"]
          ]),
      ],
      "in": ["type": "object", "additionalProperties": ["$ref": "#/$defs/source"]],
      "with": ["type": "object"],
      "foreach": [
        "description": "What the node is repeated for: rows, or the shots that another node makes.",
        "anyOf": [
          ["$ref": "#/$defs/rows"],
          [
            "type": "object", "required": ["shots"], "additionalProperties": false,
            "properties": ["shots": ["type": "string"]],
          ],
        ],
      ],
      "when": ["$ref": "#/$defs/conditions"],
      "timeout": [
        "description": "Seconds that one action may take.",
        "anyOf": [["type": "number", "exclusiveMinimum": 0], ["$ref": "#/$defs/reference"]],
      ],
      "retries": [
        "description": "How often a failed action is tried again.",
        "anyOf": [["type": "integer", "minimum": 0, "maximum": 100], ["$ref": "#/$defs/reference"]],
      ],
      "memory": [
        "description": "The memory that one action may take for itself: 4GB.",
        "anyOf": [
          ["type": "string", "pattern": "^[0-9.]+ ?([kKmMgGtT]i?)?[bB]$"], ["$ref": "#/$defs/reference"],
        ],
      ],
    ],
    "allOf": .array(
      manifests.map { manifest in
        [
          "if": ["required": ["stage"], "properties": ["stage": ["const": .string(manifest.name)]]],
          "then": [
            "properties": [
              "with": ["$ref": .string("#/$defs/with-\(manifest.name)")],
              "in": ["$ref": .string("#/$defs/in-\(manifest.name)")],
            ]
          ],
        ]
      }),
  ]
}

private func inputSchema(for manifest: Manifest) -> JSON {
  let ports = manifest.inputs.map { port in
    (
      port.name,
      ["$ref": "#/$defs/source", "description": .string("\(port.help) (\(port.type.rawValue))")] as JSON
    )
  }
  return [
    "type": "object", "additionalProperties": false,
    "properties": .object(Dictionary(ports, uniquingKeysWith: { first, _ in first })),
  ]
}

extension ParameterType {
  /// The schema of a record with these fields.
  ///
  /// - Parameter isComplete: whether its required fields must be there.
  fileprivate static func schema(of fields: [Parameter], isComplete: Bool) -> JSON {
    let properties = fields.map { field in
      var members: [String: JSON] = [
        "description": .string(field.help),
        "anyOf": .array([field.type.schema, ["$ref": "#/$defs/reference"], ["type": "null"]]),
      ]
      members["default"] = field.defaultValue
      return (field.name, JSON.object(members))
    }
    var members: [String: JSON] = [
      "type": "object", "additionalProperties": false,
      "properties": .object(Dictionary(properties, uniquingKeysWith: { first, _ in first })),
    ]
    let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
    if isComplete, !required.isEmpty { members["required"] = .array(required) }
    return .object(members)
  }

  /// The schema of a value that is no reference.
  fileprivate var schema: JSON {
    switch self {
    case .boolean: ["type": "boolean"]
    case .integer(let range, _):
      Self.bounded(
        "integer", range.lowerBound == .min ? JSON?.none : .integer(range.lowerBound),
        range.upperBound == .max ? JSON?.none : .integer(range.upperBound))
    case .number(let range, _): Self.bounded("number", .number(range.lowerBound), .number(range.upperBound))
    case .percent(let range):
      [
        "anyOf": [
          ["type": "string", "pattern": "^[+-]?[0-9.]+%$"],
          Self.bounded("number", .number(range.lowerBound), .number(range.upperBound)),
        ]
      ]
    case .text: ["type": ["string", "number", "boolean"]]
    case .choice(let words): ["enum": .array(words.map { .string($0) })]
    case .size: ["type": "string", "pattern": "^[1-9][0-9]*x[1-9][0-9]*$"]
    case .aspectRatio: ["type": "string", "pattern": "^[1-9][0-9]*[x:][1-9][0-9]*$"]
    case .frameRate: ["anyOf": [["type": "number"], ["type": "string", "pattern": "^[0-9]+([./][0-9]+)?$"]]]
    case .colour: ["type": "string", "pattern": "^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$"]
    case .file, .model: ["type": "string", "minLength": 1]
    case .list(let element, let count):
      [
        "type": "array", "items": ["anyOf": [element.schema, ["$ref": "#/$defs/reference"]]],
        "minItems": .integer(count.lowerBound), "maxItems": .integer(count.upperBound),
      ]
    case .record(let fields): Self.schema(of: fields, isComplete: true)
    }
  }

  private static func bounded(_ type: String, _ low: JSON?, _ high: JSON?) -> JSON {
    var members: [String: JSON] = ["type": .string(type)]
    members["minimum"] = low
    members["maximum"] = high
    return .object(members)
  }
}
