import Glibc

/// Everything needed to start one program, as a value that can be kept, compared and started again.
///
/// The child leads a process group of its own, so a terminal's Ctrl-C does not reach it, and what it leaves behind in that
/// group is killed when it ends. It inherits no descriptor but standard input (`/dev/null`), output and error.
public struct LaunchPlan: Sendable, Equatable {
    /// The absolute path of the program.
    public var executable: String
    /// The arguments after the program's name; never a secret, since every user of the machine can read them.
    public var arguments: [String]
    /// The child's whole environment: nothing is inherited, and `PATH` is the system's when it is not named here.
    public var environment: [String: String]
    /// The directory the program starts in; `/` unless named.
    public var directory: String
    /// The user to run as, for a program that refuses to run as root; only root can name another user than itself.
    public var runAs: String?
    /// The signal that asks the program to stop in good order.
    public var stopSignal: Int32
    /// The signal the kernel sends to the child when this process dies, however it dies; nil lets the child live on.
    public var parentDeathSignal: Int32?
    /// The file that standard output and error are appended to, readable by its owner only; nil discards them.
    public var logFile: String?

    public init(
        executable: String, arguments: [String] = [], environment: [String: String] = [:], directory: String = "/", runAs: String? = nil,
        stopSignal: Int32 = SIGTERM, parentDeathSignal: Int32? = nil, logFile: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.runAs = runAs
        self.stopSignal = stopSignal
        self.parentDeathSignal = parentDeathSignal
        self.logFile = logFile
    }

    /// Starts the program (`posix_spawn`) and returns once its process exists; it may not be ready to serve yet.
    ///
    /// The pid is the program's own: `setpriv` changes the user and sets the death signal, `env` changes the directory, and
    /// each then becomes the next.
    public func start() throws(LaunchError) -> RunningProcess {
        guard access(executable, X_OK) == 0 else {
            throw LaunchError("\(executable) is missing or cannot be executed: install the package it belongs to")
        }
        guard access(directory, X_OK) == 0 else {
            throw LaunchError("\(executable) cannot start in \(directory), which is missing or closed to this user: create it")
        }
        return try RunningProcess(command: try command(), plan: self)
    }

    /// The command line, with what changes the directory, the user and the death signal in front.
    ///
    /// The directory comes last: it is entered as the user that the program runs as.
    func command() throws(LaunchError) -> [String] {
        let program = ["/usr/bin/env", "-C", directory, executable] + arguments
        var privileges: [String] = []
        if let runAs {
            guard let account = Account(named: runAs) else {
                throw LaunchError("there is no user \(runAs) on this machine to run \(executable) as: create it or name another")
            }
            if account.id != geteuid() {
                guard geteuid() == 0 else {
                    throw LaunchError("only root can run \(executable) as \(runAs): start this as root or as \(runAs)")
                }
                privileges += ["--reuid", runAs, "--regid", "\(account.group)", "--init-groups"]
            }
        }
        if let parentDeathSignal {
            // `setpriv` knows signals by name only.
            guard let name = Self.signalNames[parentDeathSignal] else {
                throw LaunchError(
                    "signal \(parentDeathSignal) is none that tells a child of its parent's death: use HUP, INT, QUIT, TERM or KILL")
            }
            privileges += ["--pdeathsig", name]
        }
        if privileges.isEmpty { return program }
        guard access(Self.setpriv, X_OK) == 0 else {
            throw LaunchError("\(Self.setpriv) is missing: install the package util-linux")
        }
        return [Self.setpriv] + privileges + ["--"] + program
    }

    private static let signalNames = [SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGKILL: "KILL", SIGTERM: "TERM"]
    private static let setpriv = "/usr/bin/setpriv"
}
