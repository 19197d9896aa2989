// H.264 by x264, and MP4. The only file that knows libavcodec and libavformat.

import CAV
import ReelStage

/// What an encoder is asked for.
struct H264Settings: Sendable {
  enum Quality: Sendable {
    /// x264's constant rate factor (0 is lossless, 51 the worst), as far as so many bits a second allow.
    case constant(Double, limit: Int?)
    /// Mean bits a second; half as many again at times.
    case bitrate(Int)
  }

  let size: Size
  let rate: FrameRate
  var quality: Quality
  /// The most frames from one IDR frame to the next.
  var gop: Int
  /// x264's preset.
  var effort: String
}

/// One encoded frame.
struct H264Packet: Sendable {
  let bytes: [UInt8]
  /// The frame's number in the run; packets come in the order of decoding.
  let frame: Int
  let isKey: Bool
}

/// Encodes one run of frames, which begins with an IDR frame and refers to nothing outside.
///
/// Each encoder is single-threaded: with several threads x264's rate control depends on their timing, and the
/// same frames give other bytes. Work is shared out by runs instead.
final class H264Encoder {
  fileprivate private(set) var codec: UnsafeMutablePointer<AVCodecContext>?
  private var picture: UnsafeMutablePointer<AVFrame>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var count: Int64 = 0
  private var packets: [H264Packet] = []

  init(_ settings: H264Settings) throws(StageError) {
    reel_av_keep_quiet()
    guard let encoder = avcodec_find_encoder_by_name("libx264") else {
      throw .failed("libavcodec has no libx264; install Debian's libavcodec (script/setup)")
    }
    codec = avcodec_alloc_context3(encoder)
    packet = av_packet_alloc()
    picture = av_frame_alloc()
    guard let codec, let picture, packet != nil else { throw failure("encode the film", reel_averror_enomem) }
    describe(settings, to: codec)
    try withOptions(options(settings)) { (options) throws(StageError) in
      try check(avcodec_open2(codec, encoder, &options), "open the H.264 encoder")
    }
    picture.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    picture.pointee.width = Int32(settings.size.width)
    picture.pointee.height = Int32(settings.size.height)
    try check(av_frame_get_buffer(picture, 0), "encode the film")
  }

  deinit {
    av_packet_free(&packet)
    av_frame_free(&picture)
    avcodec_free_context(&codec)
  }

  /// What a container is told of the packets.
  func stream() throws(StageError) -> H264Stream {
    let stream = try H264Stream(rate: codec!.pointee.framerate)
    try check(avcodec_parameters_from_context(stream.parameters, codec), "encode the film")
    return stream
  }

  /// Encodes the run's next frame; `isKey` makes it an IDR frame, which a run's first is anyway.
  func append(_ frame: YUVFrame, isKey: Bool) throws(StageError) {
    let picture = picture!
    try check(av_frame_make_writable(picture), "encode the film")
    let planes = (picture.pointee.data, picture.pointee.linesize)
    copy(frame.luma, width: frame.size.width, to: planes.0.0, planes.1.0)
    copy(frame.blueDifference, width: frame.size.width / 2, to: planes.0.1, planes.1.1)
    copy(frame.redDifference, width: frame.size.width / 2, to: planes.0.2, planes.1.2)
    picture.pointee.pts = count
    picture.pointee.pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    count += 1
    try check(avcodec_send_frame(codec, picture), "encode the film")
    try receive()
  }

  /// The packets of the run, complete.
  func finish() throws(StageError) -> [H264Packet] {
    try check(avcodec_send_frame(codec, nil), "encode the film")
    try receive()
    return packets
  }

  private func receive() throws(StageError) {
    let packet = packet!
    while true {
      let status = avcodec_receive_packet(codec, packet)
      if status == reel_averror_eagain || status == reel_averror_eof { return }
      try check(status, "encode the film")
      let bytes = UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))
      packets.append(
        H264Packet(
          bytes: Array(bytes), frame: Int(packet.pointee.pts),
          isKey: packet.pointee.flags & AV_PKT_FLAG_KEY != 0))
      av_packet_unref(packet)
    }
  }

  private func copy(
    _ plane: [UInt8], width: Int, to target: UnsafeMutablePointer<UInt8>?, _ stride: Int32
  ) {
    plane.withUnsafeBufferPointer { plane in
      for row in 0..<plane.count / width {
        (target! + row * Int(stride)).update(from: plane.baseAddress! + row * width, count: width)
      }
    }
  }
}

/// Tells libavcodec of the picture: its size, rate and colours.
private func describe(_ settings: H264Settings, to codec: UnsafeMutablePointer<AVCodecContext>) {
  codec.pointee.width = Int32(settings.size.width)
  codec.pointee.height = Int32(settings.size.height)
  codec.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
  codec.pointee.pix_fmt = AV_PIX_FMT_YUV420P
  codec.pointee.framerate = AVRational(settings.rate)
  codec.pointee.time_base = av_inv_q(codec.pointee.framerate)
  codec.pointee.color_primaries = AVCOL_PRI_BT709
  codec.pointee.color_trc = AVCOL_TRC_BT709
  codec.pointee.colorspace = AVCOL_SPC_BT709
  codec.pointee.color_range = AVCOL_RANGE_MPEG
  codec.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
  codec.pointee.gop_size = Int32(settings.gop)
  codec.pointee.keyint_min = Int32(settings.gop)
  codec.pointee.max_b_frames = 2
  codec.pointee.thread_count = 1
  // Parameter sets go into the container's header.
  codec.pointee.flags = AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
  codec.pointee.flags |= Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
  switch settings.quality {
  case .constant(_, let limit):
    codec.pointee.rc_max_rate = Int64(limit ?? 0)
    codec.pointee.rc_buffer_size = Int32(clamping: (limit ?? 0) * 2)
  case .bitrate(let bits):
    codec.pointee.bit_rate = Int64(bits)
    codec.pointee.rc_max_rate = Int64(bits + bits / 2)
    codec.pointee.rc_buffer_size = Int32(clamping: bits * 2)
  }
}

/// x264's own options: no key frames but the regular ones, always two B-frames, never used as references, so
/// that decoding runs exactly one frame ahead.
private func options(_ settings: H264Settings) -> [String: String] {
  var parameters = "b-pyramid=none:open-gop=0:force-cfr=1"
  // x264's AVX-512 loops for macroblock trees read past the end of a row that fills no whole vector (1080
  // columns), and what lies in memory there ends up in the film.
  if reel_has_avx512() != 0 { parameters += ":asm=avx2" }
  var options = [
    "preset": settings.effort, "profile": "high", "sc_threshold": "0", "b_strategy": "0", "forced-idr": "1",
    "x264-params": parameters,
  ]
  if case .constant(let crf, _) = settings.quality { options["crf"] = "\(crf)" }
  return options
}

/// What a container says of the packets in it.
final class H264Stream {
  fileprivate private(set) var parameters: UnsafeMutablePointer<AVCodecParameters>?
  fileprivate let rate: AVRational

  fileprivate init(rate: AVRational) throws(StageError) {
    self.rate = rate
    parameters = avcodec_parameters_alloc()
    guard parameters != nil else { throw failure("describe the film", reel_averror_enomem) }
  }

  deinit { avcodec_parameters_free(&parameters) }

  /// The size, the rate and the parameter sets: packets of equal ones can stand in one track.
  fileprivate var identity: [Int] {
    let parameters = parameters!.pointee
    let sets = UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size))
    return [Int(parameters.width), Int(parameters.height), Int(rate.num), Int(rate.den)] + sets.map(Int.init)
  }
}

/// Reads an MP4 file that ``MP4Writer`` wrote.
final class MP4Reader {
  let stream: H264Stream
  private let path: String
  private var container: UnsafeMutablePointer<AVFormatContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?

  init(path: String) throws(StageError) {
    reel_av_keep_quiet()
    self.path = path
    var opened: UnsafeMutablePointer<AVFormatContext>?
    try check(avformat_open_input(&opened, "file:" + path, av_find_input_format("mp4"), nil), "read \(path)")
    defer { avformat_close_input(&opened) }
    guard let container = opened, container.pointee.nb_streams == 1, let track = container.pointee.streams[0],
      track.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_H264, track.pointee.avg_frame_rate.num > 0
    else { throw .file(path, "wanted one track of H.264 at a constant frame rate") }
    stream = try H264Stream(rate: track.pointee.avg_frame_rate)
    try check(avcodec_parameters_copy(stream.parameters, track.pointee.codecpar), "read \(path)")
    packet = av_packet_alloc()
    guard packet != nil else { throw failure("read \(path)", reel_averror_enomem) }
    swap(&self.container, &opened)
  }

  deinit {
    av_packet_free(&packet)
    avformat_close_input(&container)
  }

  /// Refuses a run whose packets cannot stand behind those of `first`.
  func require(sameStreamAs first: MP4Reader) throws(StageError) {
    guard stream.identity == first.stream.identity else {
      throw .file(path, "it was encoded in another way than the film's first run")
    }
  }

  /// Every packet.
  func packets() throws(StageError) -> [H264Packet] {
    let (packet, track) = (packet!, container!.pointee.streams[0]!)
    var packets: [H264Packet] = []
    while true {
      let status = av_read_frame(container, packet)
      if status == reel_averror_eof { return packets }
      try check(status, "read \(path)")
      let frame = av_rescale_q(packet.pointee.pts, track.pointee.time_base, av_inv_q(stream.rate))
      let bytes = UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))
      packets.append(
        H264Packet(
          bytes: Array(bytes), frame: Int(frame), isKey: packet.pointee.flags & AV_PKT_FLAG_KEY != 0))
      av_packet_unref(packet)
    }
  }
}

/// Writes an MP4 file with one H.264 track, its index in front.
final class MP4Writer {
  private var container: UnsafeMutablePointer<AVFormatContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private let frameTime: AVRational
  /// Packets written so far.
  private var count: Int64 = 0

  /// Begins the file for packets of this kind.
  init(path: String, stream kind: H264Stream) throws(StageError) {
    frameTime = av_inv_q(kind.rate)
    packet = av_packet_alloc()
    try check(avformat_alloc_output_context2(&container, nil, "mp4", "file:" + path), "write the film")
    guard packet != nil, let container, let stream = avformat_new_stream(container, nil) else {
      throw failure("write the film", reel_averror_enomem)
    }
    // No date, no version.
    container.pointee.flags |= AVFMT_FLAG_BITEXACT
    stream.pointee.time_base = frameTime
    stream.pointee.avg_frame_rate = kind.rate
    stream.pointee.r_frame_rate = kind.rate
    try check(avcodec_parameters_copy(stream.pointee.codecpar, kind.parameters), "write the film")
    // The container's own name for H.264, whatever the packets came in.
    stream.pointee.codecpar.pointee.codec_tag = 0
    try check(avio_open(&container.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), "write the film")
    // Decoding starts before the first frame is shown; offsets below 0 say so without an edit list.
    let options = ["movflags": "+faststart+negative_cts_offsets+write_colr", "use_editlist": "0"]
    try withOptions(options) { (options) throws(StageError) in
      try check(avformat_write_header(container, &options), "write the film")
    }
  }

  deinit {
    av_packet_free(&packet)
    if container?.pointee.pb != nil { avio_closep(&container!.pointee.pb) }
    avformat_free_context(container)
  }

  /// Writes the packets of the next run.
  func append(_ packets: [H264Packet]) throws(StageError) {
    let (packet, stream) = (packet!, container!.pointee.streams[0]!)
    let start = count
    for encoded in packets {
      try check(av_new_packet(packet, Int32(encoded.bytes.count)), "write the film")
      packet.pointee.data.update(from: encoded.bytes, count: encoded.bytes.count)
      packet.pointee.flags = encoded.isKey ? AV_PKT_FLAG_KEY : 0
      packet.pointee.pts = start + Int64(encoded.frame)
      packet.pointee.dts = count - 1
      packet.pointee.duration = 1
      av_packet_rescale_ts(packet, frameTime, stream.pointee.time_base)
      try check(av_interleaved_write_frame(container, packet), "write the film")
      count += 1
    }
  }

  /// Completes the file and moves its index to the front.
  func finish() throws(StageError) {
    try check(av_write_trailer(container), "write the film")
    try check(avio_closep(&container!.pointee.pb), "write the film")
  }
}

extension AVRational {
  fileprivate init(_ rate: FrameRate) { self.init(num: Int32(rate.numerator), den: Int32(rate.denominator)) }
}

/// Calls `body` with the options as libav takes them, and refuses options that it did not know.
private func withOptions(
  _ options: [String: String], _ body: (inout OpaquePointer?) throws(StageError) -> Void
) throws(StageError) {
  var dictionary: OpaquePointer?
  defer { av_dict_free(&dictionary) }
  for (name, value) in options.sorted(by: { $0.key < $1.key }) { av_dict_set(&dictionary, name, value, 0) }
  try body(&dictionary)
  if let unknown = av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX) {
    throw .failed("this libav does not know the option '\(String(cString: unknown.pointee.key))'")
  }
}

private func check(_ status: Int32, _ action: String) throws(StageError) {
  if status < 0 { throw failure(action, status) }
}

/// libav's error number in words, and the last words of the library where it left some.
private func failure(_ action: String, _ status: Int32) -> StageError {
  let words = String(cString: reel_av_last_words()).split(separator: "\n").first.map { " (\($0))" } ?? ""
  let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
    av_strerror(status, buffer.baseAddress, buffer.count)
    return String(cString: buffer.baseAddress!).lowercased()
  }
  return .failed("cannot \(action): \(reason)\(words)")
}
