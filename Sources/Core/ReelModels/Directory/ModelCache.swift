// What a model's files are, and where that is kept which is made of them.

import ReelTensor

/// The digests of a model's files, and a folder for what is made of them: packed weights, vectors of prompts.
public struct ModelCache: Hashable, Sendable {
  public let files: DerivedFiles
  /// By path, the SHA-256 of a file's bytes.
  public let digests: [String: String]

  public init(files: DerivedFiles, digests: [String: String]) {
    self.files = files
    self.digests = digests
  }

  /// Where what is made of a tensor is kept; `nil` where its file's digest is not known.
  func place(of tensor: String, in file: String) -> DerivedPlace? {
    digests[file].map { DerivedPlace(files: files, key: "\($0) \(tensor)") }
  }

  /// The names of all files of some folders of a model, and what is in them, line by line; `nil` where none is known.
  func contents(of folders: [String], in directory: String) -> String? {
    let lines = digests.compactMap { path, digest -> String? in
      guard folders.contains(where: { path.hasPrefix("\(directory)/\($0)/") }) else { return nil }
      return "\(path.dropFirst(directory.utf8.count + 1)) \(digest)"
    }
    return lines.isEmpty ? nil : lines.sorted().joined(separator: "\n")
  }
}
