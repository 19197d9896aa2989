// JSON: what is read, what is refused, and that the canonical text is one.

import ReelJSON
import Testing

@Suite struct ReelJSONTests {
  @Test func `reads every kind of value`() throws {
    let value = try JSON(
      parsing:
        #"{"a": [1, 2.5, true, false, null, "é\u0000\n"], "b": {"c": -9223372036854775808}}"#)
    #expect(
      value == ["a": [1, 2.5, true, false, nil, "é\u{0}\n"], "b": ["c": .integer(.min)]])
    #expect(value["a"]?.array?[1].number == 2.5)
    #expect(value["absent"] == nil)
    #expect(try JSON(parsing: "17").integer == 17)
  }

  @Test(arguments: [
    ("", "line 1, column 0: unexpected token near end of file"),
    ("{\"a\": 1, \"a\": 2}", "line 1, column 12: duplicate object key near '\"a\"'"),
    ("[1,\n2,,]", "line 2, column 3: unexpected token near ','"),
    ("[1] x", "line 1, column 5: end of file expected near 'x'"),
    ("[1e999]", "line 1, column 6: real number overflow near '1e999'"),
    ("[99999999999999999999]", "line 1, column 21: too big integer near '99999999999999999999'"),
  ])
  func `refuses what is not JSON, with its place`(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.description == message)
  }

  @Test func `refuses bad text and deep nesting without a crash`() {
    #expect(throws: JSONError.self) {
      try [UInt8]([0x22, 0xff, 0x22]).withUnsafeBytes { (bytes) throws(JSONError) in try JSON(parsing: bytes)
      }
    }
    #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 10_000_000)) }
  }

  @Test func `the canonical text does not depend on the order of members`() throws {
    let first = try JSON(parsing: #"{"b":1,"a":{"y":[1.0,1e-7],"x":"\"\\/\t\u001f"}}"#)
    let second = try JSON(parsing: #"{ "a": {"x": "\"\\/\t\u001f", "y": [1.0, 0.0000001]}, "b": 1 }"#)
    #expect(first.text == second.text)
    #expect(first.text == #"{"a":{"x":"\"\\/\t\u001f","y":[1.0,1e-07]},"b":1}"#)
    #expect(try JSON(parsing: first.text) == first)
    #expect(try JSON(parsing: first.indentedText) == first)
  }

  @Test func `indented text is for people`() {
    let value: JSON = ["name": "can", "sizes": [1, 2], "empty": []]
    #expect(
      value.indentedText == """
        {
          "empty": [],
          "name": "can",
          "sizes": [
            1,
            2
          ]
        }

        """)
  }

  @Test func `a whole number is one whether or not it has a point`() {
    #expect(JSON.number(3).integer == 3)
    #expect(JSON.number(3.5).integer == nil)
    #expect(JSON.integer(3).number == 3)
  }
}
