import Crypto
import FoundationEssentials

/// Says why bytes are no topic model.
public struct TopicModelError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// The stored form of a model, format 1. Numbers are little-endian, texts UTF-8.
///
/// | part | form |
/// |---|---|
/// | magic | the four characters `HYTM`, then the format as 16 bits |
/// | examples | 32 bits |
/// | topics | their count as 16 bits; each with its length as 16 bits, name, bias as 64 bits and shift as 8 bits |
/// | calibration | slope and offset as 64-bit floats, tried as 32 bits |
/// | curve | its points' count as 16 bits; each with its confidence as a 64-bit float, taken and right as 32 bits |
/// | pieces | their count as 32 bits, all hashes as 32 bits each, all tellings as 16 bits each |
/// | weights | for each topic all weights as 16 bits each |
/// | seal | the first eight bytes of SHA-256 over everything before |
extension TopicModel {
    private static let magic = Array("HYTM".utf8)
    private static let format: UInt16 = 1
    private static let sealLength = 8

    /// The model as bytes: the same model gives the same bytes on every machine.
    public var bytes: [UInt8] { Self.sealed(Self.content(topics, examples, calibration, vocabulary, weights)) }

    /// Reads what `bytes` wrote.
    ///
    /// Throws a sentence when they are damaged, cut off, or of another format.
    public init(bytes: [UInt8]) throws(TopicModelError) {
        guard bytes.starts(with: Self.magic) else {
            throw TopicModelError("this is no topic model: it does not begin with the characters HYTM")
        }
        var reader = ByteReader(bytes[Self.magic.count...])
        let format = try reader.number(UInt16.self)
        guard format == Self.format else {
            throw TopicModelError("this topic model has format \(format), and only \(Self.format) can be read: train it again")
        }
        guard bytes.count >= Self.sealLength + Self.magic.count + 2,
            Self.seal(bytes.dropLast(Self.sealLength)) == Array(bytes.suffix(Self.sealLength))
        else { throw TopicModelError("this topic model is damaged or cut off: its seal does not match; fetch or train it again") }
        reader.drop(last: Self.sealLength)

        let examples = Int(try reader.number(UInt32.self))
        let topicCount = Int(try reader.number(UInt16.self))
        guard (2...Self.mostTopics).contains(topicCount) else { throw Self.fault("it has \(topicCount) topics") }
        var topics: [String] = []
        var scales: [TopicScale] = []
        for _ in 0..<topicCount {
            let name = try reader.text(count: Int(try reader.number(UInt16.self)))
            guard !name.isEmpty, topics.last.map({ $0.utf8.lexicographicallyPrecedes(name.utf8) }) ?? true else {
                throw Self.fault("its topics are not in order")
            }
            topics.append(name)
            let bias = try reader.number(Int64.self)
            let shift = Int(try reader.number(UInt8.self))
            guard (-TopicScale.largestBias...TopicScale.largestBias).contains(bias), shift <= TopicScale.mostShift else {
                throw Self.fault("the weights of topic \(topics.count) are out of range")
            }
            scales.append(TopicScale(bias: bias, shift: shift))
        }
        let calibration = try reader.calibration()
        let pieces = Int(try reader.number(UInt32.self))
        guard pieces <= Self.mostPieces, reader.count == pieces * (4 + 2 + 2 * topicCount) else {
            throw Self.fault("its length does not fit its \(pieces) pieces")
        }
        let hashes = try reader.numbers(UInt32.self, count: pieces)
        guard zip(hashes, hashes.dropFirst()).allSatisfy({ $0 < $1 }) else { throw Self.fault("its pieces are not in order") }
        let tellings = try reader.numbers(UInt16.self, count: pieces)
        let weights = try TopicWeights(scales: scales, tellings: tellings) { (_) throws(TopicModelError) in
            try reader.numbers(Int16.self, count: pieces)
        }
        self.init(
            topics: topics, examples: examples, calibration: calibration, vocabulary: TopicVocabulary(hashes: hashes),
            weights: weights)
    }

    /// Everything before the seal.
    static func content(
        _ topics: [String], _ examples: Int, _ calibration: TopicCalibration, _ vocabulary: TopicVocabulary,
        _ weights: TopicWeights
    ) -> [UInt8] {
        var bytes = magic
        bytes.reserveCapacity(vocabulary.count * (6 + 2 * topics.count) + 16_384)
        bytes.append(number: format)
        bytes.append(number: UInt32(clamping: examples))
        bytes.append(number: UInt16(topics.count))
        for (topic, scale) in zip(topics, weights.scales) {
            bytes.append(number: UInt16(topic.utf8.count))
            bytes.append(contentsOf: topic.utf8)
            bytes.append(number: scale.bias)
            bytes.append(number: UInt8(scale.shift))
        }
        bytes.append(number: calibration.slope.bitPattern)
        bytes.append(number: calibration.offset.bitPattern)
        bytes.append(number: UInt32(clamping: calibration.tried))
        bytes.append(number: UInt16(calibration.curve.count))
        for point in calibration.curve {
            bytes.append(number: point.confidence.bitPattern)
            bytes.append(number: UInt32(clamping: point.taken))
            bytes.append(number: UInt32(clamping: point.right))
        }
        bytes.append(number: UInt32(vocabulary.count))
        for hash in vocabulary.hashes { bytes.append(number: hash) }
        for telling in weights.tellings { bytes.append(number: telling) }
        for topic in topics.indices { for step in weights.column(topic) { bytes.append(number: step) } }
        return bytes
    }

    static func sealed(_ content: [UInt8]) -> [UInt8] { content + seal(content[...]) }

    static func version(of content: [UInt8]) -> String {
        "t-"
            + seal(content[...]).map { byte in
                let text = String(byte, radix: 16)
                return text.utf8.count == 1 ? "0" + text : text
            }.joined()
    }

    /// Whether a text has the form of a version.
    public static func isVersion(_ text: String) -> Bool {
        text.hasPrefix("t-") && text.utf8.count == 18
            && text.utf8.dropFirst(2).allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }

    private static func seal(_ content: ArraySlice<UInt8>) -> [UInt8] {
        Array(SHA256.hash(data: content).prefix(sealLength))
    }

    static func fault(_ what: String) -> TopicModelError {
        TopicModelError("this topic model cannot be used: \(what); train it again")
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: some FixedWidthInteger) {
        var rest = number
        for _ in 0..<number.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}
