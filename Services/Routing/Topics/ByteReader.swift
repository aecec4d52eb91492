/// Reads the parts of a stored topic model from the front, and never past the end.
struct ByteReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// How many bytes are left.
    var count: Int { bytes.count }

    mutating func drop(last count: Int) { bytes = bytes.dropLast(count) }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(TopicModelError) -> Number {
        let part = try take(Number.bitWidth / 8)
        var number: Number = 0
        for (place, byte) in part.enumerated() { number |= Number(truncatingIfNeeded: byte) << (8 * place) }
        return number
    }

    mutating func numbers<Number: FixedWidthInteger>(_ type: Number.Type, count: Int) throws(TopicModelError) -> [Number] {
        let width = Number.bitWidth / 8
        let part = try take(count * width)
        var numbers: [Number] = []
        numbers.reserveCapacity(count)
        var place = part.startIndex
        for _ in 0..<count {
            var number: Number = 0
            for byte in 0..<width { number |= Number(truncatingIfNeeded: part[place + byte]) << (8 * byte) }
            numbers.append(number)
            place += width
        }
        return numbers
    }

    mutating func text(count: Int) throws(TopicModelError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw TopicModel.fault("a name is not valid UTF-8")
        }
        return text
    }

    mutating func calibration() throws(TopicModelError) -> TopicCalibration {
        let slope = Double(bitPattern: try number(UInt64.self))
        let offset = Double(bitPattern: try number(UInt64.self))
        guard slope.isFinite, slope > 0, offset.isFinite else { throw TopicModel.fault("its calibration is no number") }
        let tried = Int(try number(UInt32.self))
        var curve: [TopicCalibration.Point] = []
        for _ in 0..<(try number(UInt16.self)) {
            let point = TopicCalibration.Point(
                confidence: Double(bitPattern: try number(UInt64.self)), taken: Int(try number(UInt32.self)),
                right: Int(try number(UInt32.self)))
            let isBehind = curve.last.map {
                $0.confidence > point.confidence && $0.taken < point.taken && $0.right <= point.right
            }
            guard (0...1).contains(point.confidence), isBehind ?? true, point.right <= point.taken, point.taken <= tried else {
                throw TopicModel.fault("its calibration curve is not in order")
            }
            curve.append(point)
        }
        return TopicCalibration(slope: slope, offset: offset, tried: tried, curve: curve)
    }

    private mutating func take(_ count: Int) throws(TopicModelError) -> ArraySlice<UInt8> {
        guard count <= bytes.count else { throw TopicModelError("this topic model is cut off: fetch or train it again") }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }
}
