// H.264 into MP4. The only file that knows libavcodec and libavformat.

import CAV
import ReelStage

/// What an encoder is asked for beyond size and rate.
struct H264Settings: Sendable {
  enum Quality: Sendable {
    /// x264's constant rate factor: 0 is lossless, 51 the worst.
    case constant(Double)
    /// Mean bits a second. A second may hold half again as much; two seconds are buffered.
    case bitrate(Int)
  }

  var quality: Quality
  /// Frames from one IDR frame to the next.
  var gop: Int
  /// x264's preset.
  var effort: String
}

/// Writes one film, frame by frame.
final class H264Encoder {
  /// x264's output depends on the number of its threads, so that it must not follow the job's.
  private static let threads = 4

  private let rate: FrameRate
  private var container: UnsafeMutablePointer<AVFormatContext>?
  private var codec: UnsafeMutablePointer<AVCodecContext>?
  private var picture: UnsafeMutablePointer<AVFrame>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var count: Int64 = 0

  init(path: String, size: Size, rate: FrameRate, settings: H264Settings) throws(StageError) {
    self.rate = rate
    reel_av_keep_quiet()
    try openCodec(size: size, settings: settings)
    try openContainer(path)
    packet = av_packet_alloc()
    picture = av_frame_alloc()
    guard let picture, packet != nil else { throw failure("encode the film", reel_averror_enomem) }
    picture.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    picture.pointee.width = Int32(size.width)
    picture.pointee.height = Int32(size.height)
    try check(av_frame_get_buffer(picture, 0), "encode the film")
  }

  deinit {
    av_packet_free(&packet)
    av_frame_free(&picture)
    avcodec_free_context(&codec)
    if container?.pointee.pb != nil { avio_closep(&container!.pointee.pb) }
    avformat_free_context(container)
  }

  /// Encodes the next frame.
  func append(_ frame: YUVFrame) throws(StageError) {
    let picture = picture!
    try check(av_frame_make_writable(picture), "encode the film")
    let (width, height) = (frame.size.width, frame.size.height)
    copy(frame.luma, width: width, height: height, to: picture.pointee.data.0, picture.pointee.linesize.0)
    copy(
      frame.blueDifference, width: width / 2, height: height / 2, to: picture.pointee.data.1,
      picture.pointee.linesize.1)
    copy(
      frame.redDifference, width: width / 2, height: height / 2, to: picture.pointee.data.2,
      picture.pointee.linesize.2)
    picture.pointee.pts = count
    count += 1
    try check(avcodec_send_frame(codec, picture), "encode the film")
    try writePackets()
  }

  /// Completes the file and moves its index to the front.
  func finish() throws(StageError) {
    try check(avcodec_send_frame(codec, nil), "encode the film")
    try writePackets()
    try check(av_write_trailer(container), "write the film")
    try check(avio_closep(&container!.pointee.pb), "write the film")
  }

  private func openCodec(size: Size, settings: H264Settings) throws(StageError) {
    guard let encoder = avcodec_find_encoder_by_name("libx264") else {
      throw .failed("libavcodec has no libx264; install Debian's libavcodec with x264 (script/setup)")
    }
    codec = avcodec_alloc_context3(encoder)
    guard let codec else { throw failure("encode the film", reel_averror_enomem) }
    codec.pointee.width = Int32(size.width)
    codec.pointee.height = Int32(size.height)
    codec.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    codec.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    codec.pointee.time_base = AVRational(num: Int32(rate.denominator), den: Int32(rate.numerator))
    codec.pointee.framerate = AVRational(num: Int32(rate.numerator), den: Int32(rate.denominator))
    codec.pointee.color_primaries = AVCOL_PRI_BT709
    codec.pointee.color_trc = AVCOL_TRC_BT709
    codec.pointee.colorspace = AVCOL_SPC_BT709
    codec.pointee.color_range = AVCOL_RANGE_MPEG
    codec.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
    codec.pointee.gop_size = Int32(settings.gop)
    codec.pointee.keyint_min = Int32(settings.gop)
    codec.pointee.max_b_frames = 2
    codec.pointee.thread_count = Int32(Self.threads)
    // Parameter sets go into the container's header; no words of versions.
    codec.pointee.flags = AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
    codec.pointee.flags |= Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
    var options = ["preset": settings.effort, "profile": "high", "sc_threshold": "0", "b_strategy": "0"]
    options["x264-params"] = "b-pyramid=none:open-gop=0:force-cfr=1"
    switch settings.quality {
    case .constant(let crf): options["crf"] = "\(crf)"
    case .bitrate(let bits):
      codec.pointee.bit_rate = Int64(bits)
      codec.pointee.rc_max_rate = Int64(bits + bits / 2)
      codec.pointee.rc_buffer_size = Int32(clamping: bits * 2)
    }
    try withOptions(options) { (dictionary) throws(StageError) in
      try check(avcodec_open2(codec, encoder, &dictionary), "open the H.264 encoder")
    }
  }

  private func openContainer(_ path: String) throws(StageError) {
    try check(avformat_alloc_output_context2(&container, nil, "mp4", "file:" + path), "write the film")
    guard let container, let stream = avformat_new_stream(container, nil), let codec else {
      throw failure("write the film", reel_averror_enomem)
    }
    // No date, no version.
    container.pointee.flags |= AVFMT_FLAG_BITEXACT
    stream.pointee.time_base = codec.pointee.time_base
    stream.pointee.avg_frame_rate = codec.pointee.framerate
    stream.pointee.r_frame_rate = codec.pointee.framerate
    try check(avcodec_parameters_from_context(stream.pointee.codecpar, codec), "write the film")
    try check(avio_open(&container.pointee.pb, "file:" + path, AVIO_FLAG_WRITE), "write the film")
    // Decoding starts before the first frame is shown; offsets below 0 say so without an edit list.
    let options = ["movflags": "+faststart+negative_cts_offsets+write_colr", "use_editlist": "0"]
    try withOptions(options) { (dictionary) throws(StageError) in
      try check(avformat_write_header(container, &dictionary), "write the film")
    }
  }

  /// Writes what the encoder has ready.
  private func writePackets() throws(StageError) {
    let (packet, stream) = (packet!, container!.pointee.streams[0]!)
    while true {
      let status = avcodec_receive_packet(codec, packet)
      if status == reel_averror_eagain || status == reel_averror_eof { return }
      try check(status, "encode the film")
      packet.pointee.duration = 1
      packet.pointee.stream_index = 0
      av_packet_rescale_ts(packet, codec!.pointee.time_base, stream.pointee.time_base)
      try check(av_interleaved_write_frame(container, packet), "write the film")
    }
  }

  private func copy(
    _ plane: [UInt8], width: Int, height: Int, to target: UnsafeMutablePointer<UInt8>?, _ stride: Int32
  ) {
    plane.withUnsafeBufferPointer { plane in
      for row in 0..<height {
        (target! + row * Int(stride)).update(from: plane.baseAddress! + row * width, count: width)
      }
    }
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
      throw .failed("this libavcodec does not know the option '\(String(cString: unknown.pointee.key))'")
    }
  }

  private func check(_ status: Int32, _ action: String) throws(StageError) {
    if status < 0 { throw failure(action, status) }
  }

  /// The error with libav's number in words, and the last words of the library where it left some.
  private func failure(_ action: String, _ status: Int32) -> StageError {
    let words = String(cString: reel_av_last_words()).split(separator: "\n").first.map { " (\($0))" } ?? ""
    let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      av_strerror(status, buffer.baseAddress, buffer.count)
      return String(cString: buffer.baseAddress!).lowercased()
    }
    return .failed("cannot \(action): \(reason)\(words)")
  }
}
