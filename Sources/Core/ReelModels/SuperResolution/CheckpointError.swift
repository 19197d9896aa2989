// What can be wrong with a file that PyTorch saved, in words for the person who has the file.

/// A `.pth` file that cannot be used.
public struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's path.
  public let path: String
  public let problem: Problem

  public enum Problem: Error, Hashable, Sendable {
    /// There is no zip directory at the end: another kind of file, or one that is cut off.
    case noArchive
    /// What PyTorch wrote before version 1.6: a pickle without an archive around it.
    case beforeArchives
    /// The archive's directory contradicts itself or the file.
    case directory(String)
    /// An entry of the archive that cannot be read.
    case entry(String, EntryFault)
    /// There is no entry of this name, or more than one.
    case entryCount(String, found: Int)
    /// The pickle at a byte of `data.pkl`.
    case pickle(byte: Int, PickleFault)
    /// A tensor that does not fit what is stored of it.
    case tensor(String, TensorFault)
    /// More values than a state dict can have.
    case tooManyValues(limit: Int)
    /// Asked for, and not in the file.
    case missing(tensor: String)
  }

  public enum EntryFault: Hashable, Sendable {
    case compressed(method: Int)
    case encrypted
    /// Its local header is not where the directory says, or not what it says.
    case misplaced
    case outside(begin: Int, end: Int, available: Int)
    case overlaps(String)
    case checksum
    case wrong(wanted: String, found: String)
    case tooLong(bytes: Int, limit: Int)
  }

  public enum PickleFault: Hashable, Sendable {
    case cutOff
    case unknownOpcode(UInt8)
    case unknownProtocol(Int)
    /// A function or class that no state dict of tensors needs.
    case forbidden(String)
    /// What an operation needs on the stack is not there.
    case wrongOperand(wanted: String)
    case notUTF8
    case longNumber(bytes: Int)
    /// The memo has nothing at this place.
    case noMemo(Int)
    case notTheEnd(left: Int)
  }

  public enum TensorFault: Hashable, Sendable {
    case shape([Int], strides: [Int])
    case reachesBeyond(last: Int, count: Int)
    case moreThanStored(wanted: Int, count: Int)
    case storageSize(storage: String, wanted: Int, found: Int)
  }

  public var description: String { "\(path): \(problem.words)" }
}

extension CheckpointError.Problem {
  fileprivate var words: String {
    switch self {
    case .noArchive: "is no zip archive, as torch.save writes, or is cut off"
    case .beforeArchives:
      "was saved by a PyTorch before 1.6; load it with torch.load and save it again with torch.save"
    case .directory(let reason): "the directory of the archive is damaged: \(reason)"
    case .entry(let name, let fault): "entry '\(name)': \(fault.words)"
    case .entryCount(let name, let found):
      "wanted one entry '\(name)', found \(found == 0 ? "none" : "\(found)")"
    case .pickle(let byte, let fault): "data.pkl, byte \(byte): \(fault.words)"
    case .tensor(let name, let fault): "tensor '\(name)': \(fault.words)"
    case .tooManyValues(let limit): "holds more than \(limit) values; wanted a state dict of tensors"
    case .missing(let tensor): "no tensor '\(tensor)'"
    }
  }
}

extension CheckpointError.EntryFault {
  fileprivate var words: String {
    switch self {
    case .compressed(let method):
      "is compressed by method \(method), wanted a stored one, as torch.save writes"
    case .encrypted: "is encrypted"
    case .misplaced: "is not where the directory says"
    case .outside(let begin, let end, let available):
      "bytes \(begin) to \(end) lie outside the \(available) bytes before the directory"
    case .overlaps(let other): "overlaps entry '\(other)'"
    case .checksum: "its checksum differs; the file is damaged"
    case .wrong(let wanted, let found): "wanted \(wanted), found '\(found)'"
    case .tooLong(let bytes, let limit): "\(bytes) bytes, wanted at most \(limit)"
    }
  }
}

extension CheckpointError.PickleFault {
  fileprivate var words: String {
    switch self {
    case .cutOff: "the pickle ends early"
    case .unknownOpcode(let code): "opcode \(code) has no place in a state dict of tensors"
    case .unknownProtocol(let number): "pickle protocol \(number), wanted 2"
    case .forbidden(let name):
      "'\(name)' is refused: only tensors and plain values are read; save model.state_dict() instead of the model"
    case .wrongOperand(let wanted): "wanted \(wanted) on the stack"
    case .notUTF8: "text that is not UTF-8"
    case .longNumber(let bytes): "a whole number of \(bytes) bytes, wanted at most 8"
    case .noMemo(let index): "the memo has nothing at \(index)"
    case .notTheEnd(let left): "\(left) values are left on the stack, wanted one"
    }
  }
}

extension CheckpointError.TensorFault {
  fileprivate var words: String {
    switch self {
    case .shape(let shape, let strides): "the shape \(shape) with the strides \(strides) cannot be"
    case .reachesBeyond(let last, let count): "reaches to element \(last) of a storage of \(count)"
    case .moreThanStored(let wanted, let count): "has \(wanted) elements, and its storage \(count)"
    case .storageSize(let storage, let wanted, let found):
      "storage '\(storage)' needs \(wanted) bytes, and has \(found)"
    }
  }
}
