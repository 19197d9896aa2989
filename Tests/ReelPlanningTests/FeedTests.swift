// Tests of feeds: CSV and JSON alike, declared columns, and every wrong cell with its place.

import ReelPlanning
import ReelStage
import Testing

@Suite struct FeedTests {
  /// What is wrong with a pipeline whose market comes from `feed`, `campaign.yaml:` cut away.
  private func problems(
    _ feed: String, named name: String = "m.csv", columns: String = "", of field: String = "id"
  ) -> [String] {
    let workspace = Workspace(
      """
      reel: 1
      matrix: {m: {from: feeds/\(name)\(columns)}}
      stages: {p: {stage: prompt-expansion, with: {brief: "${matrix.m.\(field)}"}}}
      """, files: ["feeds/\(name)": feed])
    return workspace.problems.map { $0.hasPrefix("campaign.yaml:") ? String($0.dropFirst(14)) : $0 }
  }

  private let columns = """
    , columns: {name: {type: text, required: true, maximum_length: 5}, price: {type: number, minimum: 0, maximum: 9.5},
      count: {type: integer, minimum: 1}, locale: {type: choice, of: [en-GB, ar-AE]}, sku: {type: integer, unique: true},
      until: {type: date, maximum: 2026-12-31}, hue: colour, size: size, on: boolean}
    """

  @Test func rightCellsOfEveryTypePass() {
    let header = "id,name,price,count,locale,sku,until,hue,size,on,more\n"
    #expect(
      problems(
        header + "a,Cañas,0,1,en-GB,1,2024-02-29,#FF8800,8x8,true,x\nb,👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦,9.5,7,,2,,,,,\n", columns: columns)
        == [])
  }

  @Test func everyWrongCellIsToldAtOnce() {
    #expect(
      problems(
        """
        id,name,price,count,locale,sku,until,hue,size,on
        a,,-1,0,en-BG,1,2025-02-29,red,8*8,yes
        b,Seltzer,nan,1.5,fr,1,2027-01-01,#fff,0x1,1
        """, columns: columns) == [
          "feeds/m.csv:2:3: column 'name': wanted text, found nothing",
          "feeds/m.csv:2:4: column 'price': wanted a number from 0 to 9.5, found '-1'",
          "feeds/m.csv:2:7: column 'count': wanted a whole number from 1, found '0'",
          "feeds/m.csv:2:9: column 'locale': wanted one of 'en-GB', 'ar-AE', found 'en-BG'; did you mean 'en-GB'?",
          "feeds/m.csv:2:17: column 'until': wanted a date such as 2026-03-29 up to 2026-12-31, found '2025-02-29'",
          "feeds/m.csv:2:28: column 'hue': wanted a colour such as #ff8800 or #ff880080, found 'red'",
          "feeds/m.csv:2:32: column 'size': wanted a size such as 1920x1080, of sides from 1 to 16384, found '8*8'",
          "feeds/m.csv:2:36: column 'on': wanted true or false, found 'yes'",
          "feeds/m.csv:3:3: column 'name': wanted at most 5 characters, found 7",
          "feeds/m.csv:3:11: column 'price': wanted a number from 0 to 9.5, found 'nan'",
          "feeds/m.csv:3:15: column 'count': wanted a whole number from 1, found '1.5'",
          "feeds/m.csv:3:19: column 'locale': wanted one of 'en-GB', 'ar-AE', found 'fr'",
          "feeds/m.csv:3:22: column 'sku': '1' is already in feeds/m.csv:2:15",
          "feeds/m.csv:3:24: column 'until': wanted a date such as 2026-03-29 up to 2026-12-31, found '2027-01-01'",
          "feeds/m.csv:3:35: column 'hue': wanted a colour such as #ff8800 or #ff880080, found '#fff'",
          "feeds/m.csv:3:40: column 'size': wanted a size such as 1920x1080, of sides from 1 to 16384, found '0x1'",
          "feeds/m.csv:3:44: column 'on': wanted true or false, found '1'",
        ])
  }

  @Test func columnsThatAreMissingOrTooMany() {
    #expect(
      problems("id,nam\na,x\n", columns: ", columns: {name: {type: text, required: true}, other: text}") == [
        "feeds/m.csv:1:1: no column is called 'name'; did you mean 'nam'?"
      ])
    #expect(
      problems("id,nam,zzz\na,x,y\n", columns: ", strict: true, columns: {name: text}") == [
        "feeds/m.csv:1:4: column 'nam' is not declared; did you mean 'name'?",
        "feeds/m.csv:1:8: column 'zzz' is not declared; wanted 'name'",
      ])
  }

  @Test func aDeclaredColumnThatTheFeedLacksIsNothing() throws {
    let graph = try Workspace(
      """
      reel: 1
      matrix: {m: {from: m.json, columns: {seed: integer, seconds: number}}}
      stages: {p: {stage: prompt-expansion, with: {brief: "${matrix.m}", seed: "${matrix.m.seed}", shots: "${matrix.m.shots}"}}}
      """, files: ["m.json": #"[{"id": "a", "seed": null, "shots": 4}, {"id": "b", "shots": 5, "seed": 7}]"#]
    ).graph()
    #expect(graph.nodes.map { $0.parameters["seed"] } == [0, 7])
    #expect(graph.nodes.map { $0.parameters["shots"] } == [4, 5])
  }

  @Test func filesAreLookedForFromTheFeedsFolder() {
    var workspace = Workspace(
      """
      reel: 1
      matrix: {m: {from: feeds/m.csv, columns: {shot: file}}}
      stages: {p: {stage: prompt-expansion, with: {brief: "${matrix.m}"}}}
      """, files: ["feeds/m.csv": "id,shot\na,can.png\nb,cna.png\nc,\n"])
    workspace.assets = ["feeds/can.png"]
    #expect(
      workspace.problems == [
        "feeds/m.csv:3:3: column 'shot': file 'feeds/cna.png' does not exist; did you mean 'can.png'?"
      ])
  }

  @Test func blanksAreNothingAndNumbersAreNoTexts() {
    #expect(
      problems("id,name,sku\na,  ,7\nb,\u{a0},07\nc,x,+7\nd,x,70\n", columns: columns) == [
        "feeds/m.csv:2:3: column 'name': wanted text, found blanks",
        "feeds/m.csv:3:3: column 'name': wanted text, found blanks",
        "feeds/m.csv:3:5: column 'sku': '07' is already in feeds/m.csv:2:6",
        "feeds/m.csv:4:5: column 'sku': '+7' is already in feeds/m.csv:2:6",
      ])
  }

  @Test func wrongDeclarations() {
    #expect(
      problems(
        "id,c\na,5\n",
        columns:
          ", colums: {}, strict: yes, columns: {a: texte, b: {type: text, of: [x]}, c: {type: integer, minimum: 3, maximum: 2}, d: {type: choice}, e: {type: date, minimum: soon}, f: {type: text, requird: true}, g: [], h: {required: true}}"
      ) == [
        "2:33: unknown key 'colums' of axis 'm'; did you mean 'columns'?",
        "2:53: 'strict': wanted true or false, found 'yes'",
        "2:71: the type of column 'a': wanted one of 'text', 'integer', 'number', 'date', 'choice', 'boolean', 'colour', 'size', 'file', found 'texte'",
        "2:94: unknown key 'of' of column 'b', which is text; wanted one of 'type', 'required', 'unique', 'maximum_length'",
        "2:144: 'maximum' of column 'c': wanted no less than 'minimum', found '2'",
        "2:151: 'of' of column 'd': wanted a list of texts, found nothing",
        "2:192: 'minimum' of column 'e': wanted a date such as 2026-03-29, found 'soon'",
        "2:215: unknown key 'requird' of column 'f', which is text; did you mean 'required'?",
        "2:234: column 'g': wanted a mapping, found an empty list",
        "2:241: the type of column 'h': wanted one of 'text', 'integer', 'number', 'date', 'choice', 'boolean', 'colour', 'size', 'file', found nothing",
      ])
  }

  /// RFC 8259, with the place of every cell.
  @Test func jsonIsReadWithPlaces() {
    #expect(
      problems(#"{"rows": [{"id": "a", "x": {"y": "\ud83d\ude00é\n\/"}}]}"#, named: "m.json", of: "x.y") == []
    )
    #expect(
      problems(
        "[{\"id\": \"é\", \"n\": -1},\n\t{\"id\": 7, \"n\": 2}]", named: "m.json",
        columns: ", columns: {n: {type: integer, minimum: 3}}")
        == [
          "feeds/m.json:1:19: column 'n': wanted a whole number from 3, found '-1'",
          "feeds/m.json:2:17: column 'n': wanted a whole number from 3, found '2'",
        ])
    #expect(
      problems(#"[{"id": "a"}, {"n": 1}, {"id": [], "n": 2}, {"id": "a"}]"#, named: "m.json") == [
        "feeds/m.json:1:15: a row of axis 'm' has no 'id'",
        "feeds/m.json:1:32: 'id': wanted letters, digits, '.', '_', '+' and '-', found an empty list",
        "feeds/m.json:1:52: id 'a' is already declared at feeds/m.json:1:9",
      ])
  }

  @Test(arguments: [
    ("", "1:1: JSON wanted a value, found the end of the file"),
    ("[{\"id\": 01}]", "1:9: JSON wanted a value, found '01'"),
    ("[{\"id\": .5}]", "1:9: JSON wanted a value, found '.5'"),
    ("[{\"id\": 1.}]", "1:9: JSON wanted a value, found '1.'"),
    ("[{\"id\": nan}]", "1:9: JSON wanted a value, found 'nan'"),
    ("[{\"id\": 'a'}]", "1:9: JSON wanted a value, found '''"),
    ("[{id: 1}]", "1:3: JSON wanted a name in double quotes, found 'i'"),
    ("[{\"id\": 1},]", "1:12: JSON wanted a value, found ']'"),
    ("[{\"id\" 1}]", "1:8: JSON wanted ':', found '1'"),
    ("[{\"id\": 1} {\"id\": 2}]", "1:12: JSON wanted ',' or ']', found '{'"),
    ("[{\"id\": 1}] x", "1:13: JSON wanted the end of the file, found 'x'"),
    ("[{\"id\": \"a\nb\"}]", "1:9: the quote is never closed"),
    ("[{\"id\": \"a\tb\"}]", "1:11: JSON wanted '\\t' in a text, found a tab"),
    ("[{\"id\": \"a\\x\"}]", "1:11: JSON wanted an escape such as '\\n' or '\\u00e9', found another"),
    ("[{\"id\": \"\\ud83d\"}]", "1:10: JSON wanted an escape such as '\\n' or '\\u00e9', found another"),
    ("[{\"id\": \"\\u0000\"}]", "1:10: character U+0000 cannot stand in a text file; remove it"),
    ("[{\"id\": 1, \"id\": 2}]", "1:12: key 'id' is given twice; first in line 1"),
    ("{\"id\": 1}", "1:1: a feed: wanted a list of rows, or a mapping with 'rows', found a mapping"),
    ("[1]", "1:2: a row: wanted a mapping, found '1'"),
    ("{\"rows\": []}", "1:10: the feed has no rows"),
  ])
  func wrongJSON(text: String, message: String) {
    #expect(problems(text, named: "m.json") == ["feeds/m.json:" + message])
  }

  @Test func jsonIsBounded() {
    #expect(
      problems(String(repeating: "[", count: 1 << 20), named: "m.json") == [
        "feeds/m.json:1:65: lists and mappings nest deeper than 64"
      ])
    let many = "[" + String(repeating: "0,", count: 1_000_001) + "0]"
    #expect(
      problems(many, named: "m.json") == ["feeds/m.json:1:2000000: the feed holds more than 1000000 values"])
  }

  @Test func aFeedCanBeAForeachList() throws {
    let graph = try Workspace(
      """
      reel: 1
      stages:
        p: {stage: prompt-expansion, foreach: {from: scenes.json}, with: {brief: "${each.text}", shots: "${each.n}"}}
      """, files: ["scenes.json": #"{"rows": [{"id": "city", "text": "a city", "n": 2}]}"#]
    ).graph()
    #expect(graph.nodes.map(\.id) == ["p-city"])
    #expect(graph.nodes[0].parameters["shots"] == 2)
  }
}
