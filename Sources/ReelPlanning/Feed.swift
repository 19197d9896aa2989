// A feed: the rows of a CSV or JSON file, and what the pipeline declares of its columns.

import ReelStage

/// The rows of a file, each a record.
struct Feed {
  /// The columns: of a CSV file those of its header; of a JSON file every name that a row has.
  private(set) var columns: [String] = []
  /// Where the header or the list of rows begins.
  private(set) var place: Place
  private(set) var rows: [Value] = []
  /// What is wrong with the file; rows are given only where nothing is.
  private(set) var problems = ProblemLog()

  /// Reads a file whose name ends in `.json` as JSON, any other as CSV.
  init(file: String, bytes: [UInt8]) {
    place = Place(file: file, line: 1, column: 1)
    if file.hasSuffix(".json") { readJSON(file, bytes) } else { readCSV(file, bytes) }
    if problems.isEmpty, rows.isEmpty { problems.note(.emptyFeed, at: place) }
  }

  private mutating func readCSV(_ file: String, _ bytes: [UInt8]) {
    let csv = CSV(file: file, bytes: bytes)
    problems = csv.problems
    guard problems.isEmpty else { return }
    columns = csv.header.map { $0.text ?? "" }
    place = csv.header[0].place
    guard columns.contains("id") else { return problems.note(.noColumn("id", found: columns), at: place) }
    rows = csv.rows.map { row in
      Value(.record(zip(csv.header, row).map { Field($0.text ?? "", at: $0.place, $1) }), at: row[0].place)
    }
  }

  /// An array of objects, or an object with such an array under `rows`.
  private mutating func readJSON(_ file: String, _ bytes: [UInt8]) {
    guard bytes.count <= CSV.maximumSize else {
      return problems.note(
        .fileTooLarge(bytes: bytes.count, limit: CSV.maximumSize), at: Place(file: file))
    }
    do throws(PlacedProblem) {
      let root = try Value(readingJSON: bytes, of: file)
      let list = root["rows"] ?? root
      guard let elements = list.list else {
        throw PlacedProblem(
          list.place,
          .wrong("a feed", wanted: "a list of rows, or a mapping with 'rows'", found: list.found))
      }
      guard elements.count <= CSV.maximumRows else {
        throw PlacedProblem(list.place, .tooManyRows(limit: CSV.maximumRows))
      }
      place = list.place
      for element in elements where element.record == nil {
        problems.note(.wrong("a row", wanted: "a mapping", found: element.found), at: element.place)
      }
      guard problems.isEmpty else { return }
      var seen: Set<String> = []
      columns = elements.flatMap { $0.record?.map(\.name) ?? [] }.filter { seen.insert($0).inserted }
      rows = elements
    } catch {
      problems.note(error)
    }
  }
}

/// A feed's columns as the pipeline declares them.
struct FeedSchema {
  var columns: [Column] = []
  /// Whether the feed may have no other columns.
  var isStrict = false

  /// Checks every cell, and gives every row each declared column: nothing where the feed has nothing.
  func check(_ feed: Feed, problems: inout ProblemLog) -> [Value] {
    if isStrict {
      // Every row has an id, declared or not.
      var told: Set<String> = ["id"]
      for field in feed.rows.flatMap({ $0.record ?? [] })
      where !columns.contains(where: { $0.name == field.name }) && told.insert(field.name).inserted {
        problems.note(.undeclaredColumn(field.name, declared: columns.map(\.name)), at: field.place)
      }
    }
    let present = Set(feed.columns)
    for column in columns where column.isRequired && !present.contains(column.name) {
      problems.note(.noColumn(column.name, found: feed.columns), at: feed.place)
    }
    var first: [String: [String: Place]] = [:]
    return feed.rows.map { row in
      var fields = row.record ?? []
      for column in columns {
        let index = fields.firstIndex { $0.name == column.name }
        let cell = index.map { fields[$0].value }
        let checked = column.check(cell ?? Value(.nothing, at: row.place))
        if let problem = checked.problem, present.contains(column.name) {
          problems.note(problem, at: cell?.place ?? row.place)
        }
        // The ids of an axis are unique whatever is declared.
        if column.isUnique, column.name != "id", let text = checked.value.text, !text.isEmpty,
          case let identity = column.identity(of: text),
          let place = first[column.name, default: [:]].updateValue(
            checked.value.place, forKey: identity)
        {
          first[column.name]?[identity] = place
          problems.note(.repeatedCell(column.name, text, first: place), at: checked.value.place)
        }
        if let index {
          fields[index] = Field(column.name, at: fields[index].place, checked.value)
        } else {
          fields.append(Field(column.name, at: row.place, checked.value))
        }
      }
      return Value(.record(fields), at: row.place)
    }
  }
}
