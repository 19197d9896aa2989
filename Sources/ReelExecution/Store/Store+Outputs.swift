// The outputs that builds have written: whose they are, and taking them away.

extension Store {
  /// The outputs that builds of this pipeline file wrote, and those of pipeline files beside it that are not there
  /// any more: nobody else would ever take these away.
  func outputs(of pipeline: String) throws(StoreError) -> [Index.OutputRow] {
    let folder = FileSystem.parent(of: pipeline) ?? "."
    var belongs = [FileSystem.name(of: pipeline): true]
    return try index.outputs().filter { output in
      if let known = belongs[output.pipeline] { return known }
      let isGone = !FileSystem.exists(FileSystem.path(output.pipeline, in: folder))
      belongs[output.pipeline] = isGone
      return isGone
    }
  }

  /// What became of the outputs.
  public struct Cleaning: Hashable, Sendable {
    public var removed: [String] = []
    /// Outputs that somebody changed since they were written.
    public var left: [String] = []
  }

  /// Removes the outputs of this pipeline file, also those that it does not name any more. One that is not any
  /// more as it was written is left.
  public func removeOutputs(of pipeline: String) throws -> Cleaning {
    var cleaning = Cleaning()
    for output in try outputs(of: pipeline) {
      let target = FileSystem.path(output.path, in: FileSystem.parent(of: pipeline) ?? ".")
      if let found = OutputFile.identity(of: target) {
        guard found == output.identity else {
          cleaning.left.append(output.path)
          continue
        }
        try FileSystem.remove(target)
        cleaning.removed.append(output.path)
      }
      try index.forgetOutput(output.path)
    }
    return cleaning
  }

  /// Removes the store from the disk. Nothing more can be done with this one.
  public func removeAll() throws(FileError) { try FileSystem.remove(folder) }
}
