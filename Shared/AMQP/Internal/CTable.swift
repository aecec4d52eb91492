import CRabbitMQ

/// An `amqp_table_t` with the memory that it points to.
final class CTable {
    enum Value {
        case text(String)
        case boolean(Bool)
        case table(CTable)
    }

    private let entries: UnsafeMutablePointer<amqp_table_entry_t>
    private let count: Int
    private var strings: [UnsafeMutableRawPointer] = []
    private var children: [CTable] = []

    init(_ values: [(String, Value)]) {
        count = values.count
        entries = .allocate(capacity: max(1, values.count))
        for (index, (key, value)) in values.enumerated() {
            var entry = amqp_table_entry_t()
            entry.key = bytes(key)
            switch value {
            case .text(let text):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                entry.value.value.bytes = bytes(text)
            case .boolean(let flag):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                entry.value.value.boolean = flag ? 1 : 0
            case .table(let child):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
                entry.value.value.table = child.table
                children.append(child)
            }
            (entries + index).initialize(to: entry)
        }
    }

    /// Valid as long as this object lives.
    var table: amqp_table_t { amqp_table_t(num_entries: Int32(count), entries: entries) }

    deinit {
        for string in strings { string.deallocate() }
        entries.deallocate()
    }

    private func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { utf8 in
            guard let source = utf8.baseAddress, !utf8.isEmpty else { return amqp_empty_bytes }
            let copy = UnsafeMutableRawPointer.allocate(byteCount: utf8.count, alignment: 1)
            copy.copyMemory(from: source, byteCount: utf8.count)
            strings.append(copy)
            return amqp_bytes_t(len: utf8.count, bytes: copy)
        }
    }
}

extension String {
    /// Calls `body` with the text as `amqp_bytes_t`, valid during the call only; the library reads and never writes it.
    func withAMQP<R>(_ body: (amqp_bytes_t) -> R) -> R {
        var text = self
        return text.withUTF8 { utf8 in
            body(amqp_bytes_t(len: utf8.count, bytes: UnsafeMutableRawPointer(mutating: utf8.baseAddress)))
        }
    }

    /// Copies bytes of the library; what is not UTF-8 becomes the replacement character.
    init(_ bytes: amqp_bytes_t) {
        self = String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
