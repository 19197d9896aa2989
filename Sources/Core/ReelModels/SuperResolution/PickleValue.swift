// What a pickle of tensors is made of: plain values, containers, tensors that stay in their archive.

/// A value of a pickle. Containers are named by their place in ``Pickle/containers``, so that no nesting, however
/// deep, makes Swift recurse, and no cycle keeps memory.
enum PickleValue: Hashable, Sendable {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case container(Int)
  case global(PickleGlobal)
  case storage(StoredTensor.Storage)
  case tensor(StoredTensor)
}

/// The functions and classes that are known. None of them runs: each stands for what this program does itself.
enum PickleGlobal: String, Hashable, Sendable {
  case orderedDictionary = "collections.OrderedDict"
  case rebuildTensor = "torch._utils._rebuild_tensor_v2"
  case floatStorage = "torch.FloatStorage"
  case halfStorage = "torch.HalfStorage"
  case bfloat16Storage = "torch.BFloat16Storage"
}

/// A list, a tuple, or a dictionary as its keys and values in turn.
struct PickleContainer: Hashable, Sendable {
  enum Kind: Hashable, Sendable { case list, tuple, dictionary }
  let kind: Kind
  var items: [PickleValue]
}

/// A tensor as a pickle tells of it: which elements of which storage.
struct StoredTensor: Hashable, Sendable {
  /// A run of elements of one type, under a key of the archive.
  struct Storage: Hashable, Sendable {
    let type: PickleGlobal
    let key: String
    /// The number of elements.
    let count: Int
  }

  let storage: Storage
  let offset: Int
  let shape: [Int]
  /// In elements, as many as the shape has extents.
  let strides: [Int]
}

/// A pickle, read.
struct Pickle: Sendable {
  let value: PickleValue
  let containers: [PickleContainer]

  /// The keys and values of a dictionary whose keys are text, in their order; `nil` for any other value.
  func members(of value: PickleValue) -> [(name: String, value: PickleValue)]? {
    guard case .container(let index) = value, containers[index].kind == .dictionary else { return nil }
    let items = containers[index].items
    return stride(from: 0, to: items.count, by: 2).compactMap { place in
      if case .text(let name) = items[place] { (name, items[place + 1]) } else { nil }
    }
  }
}
