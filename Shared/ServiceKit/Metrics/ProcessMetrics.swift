import Glibc

/// What the operating system knows of this process, as Prometheus text under the customary names.
enum ProcessMetrics {
    /// Reads /proc/self and getrusage(2); a figure that cannot be read is left out.
    static func exposition() -> String {
        var text = ""
        if let pages = residentPages() {
            appendGauge("process_resident_memory_bytes", Double(pages * sysconf(Int32(_SC_PAGESIZE))), to: &text)
        }
        if let descriptors = openDescriptors() {
            appendGauge("process_open_fds", Double(descriptors), to: &text)
        }
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let seconds = [usage.ru_utime, usage.ru_stime].reduce(0.0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1_000_000 }
            text += "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total \(MetricsText.number(seconds))\n"
        }
        return text
    }

    private static func appendGauge(_ name: String, _ value: Double, to text: inout String) {
        text += "# TYPE \(name) gauge\n\(name) \(MetricsText.number(value))\n"
    }

    /// The second number of /proc/self/statm (proc(5)).
    private static func residentPages() -> Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let fields = bytes[..<count].split(separator: UInt8(ascii: " "))
        guard fields.count > 1 else { return nil }
        return Int(String(decoding: fields[1], as: UTF8.self))
    }

    private static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Not the two dots, nor the descriptor of the folder itself.
        return count - 3
    }
}
