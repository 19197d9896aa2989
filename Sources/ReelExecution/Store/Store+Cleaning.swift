// Taking away what runs have written.

extension Store {
  /// What became of the outputs.
  public struct Cleaning: Hashable, Sendable {
    public var removed: [String] = []
    /// Outputs that somebody changed since they were written.
    public var left: [String] = []
  }

  /// Removes the outputs that runs wrote below `folder`, the pipeline's. One that is not any more as it was
  /// written is left.
  public func removeOutputs(in folder: String) throws -> Cleaning {
    var cleaning = Cleaning()
    for (path, identity) in try index.outputs() {
      let target = FileSystem.path(path, in: folder)
      if let found = OutputFile.identity(of: target) {
        guard found == identity else {
          cleaning.left.append(path)
          continue
        }
        try FileSystem.remove(target)
        cleaning.removed.append(path)
      }
      try index.forgetOutput(path)
    }
    return cleaning
  }

  /// Removes the store from the disk. Nothing more can be done with this one.
  public func removeAll() throws(FileError) { try FileSystem.remove(folder) }
}
