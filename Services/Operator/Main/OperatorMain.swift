import ArgumentParser
import Operator

/// Runs the operator's tool.
@main
enum OperatorMain {
    static func main() async {
        await UpHooks.$current.withValue(HouseHooks.hooks) { await HuiyinCommand.main() }
    }
}
