import Glibc

/// Lets the process open as many files as the system allows it (`setrlimit(2)`).
///
/// A service that posts to many departments holds a connection for each request under way; with the usual 1,024 files those that hang
/// could keep it from its database.
enum FileLimit {
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        // Some systems allow a thousand million, for which others make tables.
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 65_536))
        _ = setrlimit(resource, &limit)
    }
}
