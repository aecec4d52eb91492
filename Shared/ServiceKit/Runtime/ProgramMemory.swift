import Glibc

/// Gives memory back that the process does not need now.
enum ProgramMemory {
    /// Two seconds after the start, then every ten, until the task is cancelled, each time once `forget` has let go of what it can.
    static func keepSmall(_ forget: () -> Void) async {
        var pause = Duration.seconds(2)
        while !Task.isCancelled {
            try? await Task.sleep(for: pause)
            forget()
            Heap.trim()
            releaseCode()
            pause = .seconds(10)
        }
    }

    /// Lets go of the pages of the program's code (`madvise(2)` with `MADV_DONTNEED`): most are touched once, while it starts.
    ///
    /// Those that are needed come back from the page cache at their next use. Only mappings that were never writable are let
    /// go, so nothing but the file's own bytes is in them.
    static func releaseCode() {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        guard count > 0, let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        let program = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var line = [CChar](repeating: 0, count: 8192)
        while fgets(&line, Int32(line.count), maps) != nil {
            // Such as: 55b38bd2c000-55b38e782000 r-xp 00465000 fe:00 1234   /path/of/the/program
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let fields = text.split(separator: " ", maxSplits: 5)
            guard fields.count == 6, fields[1] == "r-xp", fields[5].hasSuffix(program + "\n") else { continue }
            let range = fields[0].split(separator: "-")
            guard range.count == 2, let start = UInt(range[0], radix: 16), let end = UInt(range[1], radix: 16), start < end else {
                continue
            }
            madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_DONTNEED)
        }
    }
}
