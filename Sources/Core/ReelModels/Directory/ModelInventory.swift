// What a model's directory holds: its parts, how large they are, how their numbers are stored, and its licence.

import Glibc
import ReelTensor

/// The parts of a diffusers directory, from the headers of its safetensors files.
public struct ModelInventory: Sendable {
  /// A folder with weights.
  public struct Part: Hashable, Sendable {
    /// `transformer`, `text_encoder`, …
    public let name: String
    public let files: Int
    /// Of the tensors, without headers.
    public let bytes: Int
    /// How many numbers there are.
    public let parameters: Int
    /// How the numbers are stored, the most frequent first: `bfloat16`, `float32`.
    public let types: [String]
  }

  /// In the order in which a run needs them.
  public let parts: [Part]
  /// The licence's file, or what the model's README says of it; `nil` where neither is there.
  public let licence: String?

  public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }

  private static let names = ["text_encoder", "image_encoder", "transformer", "transformer_2", "vae"]
  private static let largestReadme = 1 << 22

  /// - Throws: where a file of weights is damaged.
  public init(directory: String) throws(ModelError) {
    var parts: [Part] = []
    for name in Self.names {
      let files = FileContents.names(in: "\(directory)/\(name)").filter { $0.hasSuffix(".safetensors") }
      guard !files.isEmpty else { continue }
      parts.append(try Self.part(name, files.map { "\(directory)/\(name)/\($0)" }))
    }
    self.parts = parts
    licence = Self.licence(in: directory)
  }

  private static func part(_ name: String, _ paths: [String]) throws(ModelError) -> Part {
    var (bytes, counts) = (0, [ElementType: Int]())
    for path in paths {
      let file: SafetensorsFile
      do { file = try SafetensorsFile(path: path) } catch { throw .safetensors(error) }
      for entry in file.entries.values {
        bytes += entry.shape.count * entry.elementType.byteCount
        counts[entry.elementType, default: 0] += entry.shape.count
      }
    }
    let types = counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
    return Part(
      name: name, files: paths.count, bytes: bytes, parameters: counts.values.reduce(0, +),
      types: types.map(\.key.rawValue))
  }

  private static func licence(in directory: String) -> String? {
    let file = FileContents.names(in: directory).first { name in
      ["licen", "copying", "notice"].contains { name.lowercased().hasPrefix($0) }
    }
    if let file { return file }
    // Published models begin their README with a block of facts between two lines of dashes.
    guard let bytes = try? FileContents.read(directory + "/README.md", limit: largestReadme) else {
      return nil
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "---" else { return nil }
    for line in lines.dropFirst().prefix(while: { $0 != "---" }) where line.hasPrefix("license:") {
      let words = line.dropFirst("license:".count).split(separator: " ").joined(separator: " ")
      return words.isEmpty ? nil : "\(words), by README.md"
    }
    return nil
  }
}
