import Metrics
import Storage
import TestSupport
import Testing

@testable import RunLog

/// Programs that were started again, and several trainings in one log.
@Suite struct ImportSessionTests {
  private let header = "epoch,accuracy,loss,val_accuracy,val_loss\n"
  private let first = "0,0.51,1.02,0.55,0.97\n1,0.60,0.88,0.58,0.91\n2,0.66,0.77,0.61,0.86\n"

  // MARK: Counted from 0 again

  @Test func aTrainingThatGoesOnFrom0IsOne() throws {
    let text = header + first + "0,0.71,0.69,0.63,0.84\n1,0.75,0.61,0.62,0.87\n"
    let log = try WrittenLog.read(text, as: "training.log")
    #expect(log.format == .keras && log.positions == [1, 2, 3, 4, 5] && log.selectedRow == 4)
    expectSeries(log.series(.validation, .loss), [0.97, 0.91, 0.86, 0.84, 0.87])
    expectSeries(log.series(.validation, .accuracy), [0.55, 0.58, 0.61, 0.63, 0.62])
    #expect(log.warns("lines 5 to 6 count from epoch 0 again", "since the loss goes on"))
    // What the user says counts.
    let second = try WrittenLog.read(text, map: "training: 2")
    #expect(second.positions == [1, 2] && second.warnings.isEmpty)
    expectSeries(second.series(.validation, .loss), [0.84, 0.87])
    let error = #expect(throws: RunLogError.self) {
      _ = try WrittenLog.read(text, map: "training: 3")
    }
    #expect(error?.message.contains("'training' is 3, but") == true)
  }

  /// The same in Keras' history as JSON, whose `epoch` is an array.
  @Test func arraysMayCountAnew() throws {
    let log = try WrittenLog.read(
      #"{"epoch": [0, 1, 2, 0, 1], "history": {"loss": [1.02, 0.88, 0.77, 0.69, 0.61], "val_loss": [0.97, null, 0.86, 0.84, 0.87]}}"#,
      as: "history.json")
    #expect(log.format == .keras && log.positions == [1, 3, 4, 5])
    expectSeries(log.series(.validation, .loss), [0.97, 0.86, 0.84, 0.87])
    #expect(log.warns("entries 3 to 4 count from epoch 0 again"))
  }

  @Test func aGridSearchIsSeveralTrainings() throws {
    let text =
      header + first + "0,0.50,1.05,0.54,0.99\n1,0.61,0.90,0.57,0.93\n2,0.65,0.80,0.60,0.88\n"
      + "0,0.49,1.04,0.50,1.00\n"
    let log = try WrittenLog.read(text)
    // The third was broken off.
    expectSeries(log.series(.validation, .loss), [0.99, 0.93, 0.88])
    #expect(
      log.warns(
        "holds 3 trainings", "1: epoch 0 to 2, loss 0.77 in the end", "Number 2 is reported"))
    expectSeries(
      try WrittenLog.read(text, map: "training: 1").series(.validation, .loss), [0.97, 0.91, 0.86])
    let joined = try WrittenLog.read(text, map: "training: all")
    expectSeries(
      joined.series(.validation, .loss), [0.97, 0.91, 0.86, 0.99, 0.93, 0.88, 1.00])
    #expect(joined.warnings.isEmpty)
  }

  /// Trainings of one epoch each.
  @Test func aGridSearchOfOneEpochEach() throws {
    let log = try WrittenLog.read("epoch,loss,val_loss\n0,1,0.9\n0,1.1,0.95\n0,0.9,0.8\n")
    #expect(log.warns("holds 3 trainings") && log.positions == [1])
    expectSeries(log.series(.validation, .loss), [0.8])
  }

  /// A loop that counts the batches of each epoch anew.
  @Test func stepsThatBeginAnewInEachEpochAreCountedOn() throws {
    var (both, steps) = ("epoch,step,train_loss,val_loss\n", "iteration,train_loss,val_loss\n")
    for epoch in 0..<3 {
      for batch in 0..<4 {
        let loss = 1 - 0.05 * Double(epoch * 4 + batch)
        let validation = batch == 3 ? "0.\(9 - epoch)" : ""
        both += "\(epoch),\(batch),\(loss),\(validation)\n"
        steps += "\(batch),\(loss),\(validation)\n"
      }
    }
    let withEpochs = try WrittenLog.read(both)
    #expect(withEpochs.positions == [1, 2, 3] && withEpochs.warnings.isEmpty)
    expectSeries(withEpochs.series(.train, .loss), [0.925, 0.725, 0.525])
    let withSteps = try WrittenLog.read(steps)
    #expect(withSteps.positions == [3, 7, 11] && withSteps.unit == .step)
    expectSeries(withSteps.series(.validation, .loss), [0.9, 0.8, 0.7])
    // Hundreds of such epochs do not fill the report with warnings.
    var text = "iteration,train_loss,val_loss\n"
    for row in 0..<600 {
      text += "\(row % 3),\(3 - 0.004 * Double(row)),\(row % 3 == 2 ? "1" : "")\n"
    }
    let many = try WrittenLog.read(text)
    #expect(many.positions.count == 200 && many.warnings.count == 4)
    #expect(many.warns("counts from the beginning again 196 times more"))
  }

  // MARK: After a checkpoint

  @Test func whatIsRepeatedAfterACheckpointCountsOnce() throws {
    let log = try WrittenLog.read(
      header + first + "1,0.605,0.87,0.585,0.90\n2,0.67,0.76,0.62,0.85\n3,0.7,0.7,0.63,0.84\n")
    #expect(log.positions == [1, 2, 3, 4] && log.warnings.count == 1)
    expectSeries(log.series(.validation, .loss), [0.97, 0.90, 0.85, 0.84])
    #expect(
      log.warns(
        "goes back to epoch 1 at line 5", "8 values from there on",
        "'loss' at epoch 1 is 0.88 and 0.87"))
  }

  @Test func aHeaderMayBeThereAgain() throws {
    let log = try WrittenLog.read(header + first + header + "3,0.7,0.7,0.62,0.8")
    expectSeries(log.series(.validation, .loss), [0.97, 0.91, 0.86, 0.8])
    #expect(log.warnings.isEmpty)
    // And the line before it torn.
    let torn = try WrittenLog.read(header + first + "3,0.69,0.\n" + header + "3,0.7,0.7,0.62,0.8\n")
    expectSeries(torn.series(.validation, .loss), [0.97, 0.91, 0.86, 0.8])
    #expect(torn.warns("log.csv:5: the last line is torn"))
  }

  // MARK: Two values at one place

  @Test func twoValuesAtOnePlaceAreNamed() throws {
    let log = try WrittenLog.read(
      """
      {"epoch": 1, "train_loss": 0.9, "val_loss": 0.85}
      {"epoch": 2, "train_loss": 0.7, "val_loss": 0.74}
      {"epoch": 2, "train_loss": 0.6, "val_loss": 0.78}

      """, as: "log.jsonl")
    expectSeries(log.series(.validation, .loss), [0.85, 0.78])
    expectSeries(log.series(.train, .loss), [0.9, 0.65])
    #expect(
      log.warns(
        "Of two values at one place the later one counts: 'val_loss' at epoch 2 is 0.74 and 0.78"))
    #expect(log.warns("the mean counts: 'train_loss' at epoch 2 is 0.7 and 0.6"))
  }

  /// Two columns that mean the same are named with values that differ.
  @Test func twoColumnsOfOneMeaningAreNamed() throws {
    let log = try WrittenLog.read("epoch,train_loss,val_acc,val_accuracy\n1,1,0.5,0.6\n")
    #expect(
      log.warns(
        "'val_accuracy' seems to hold the same as 'val_acc'",
        "though at epoch 1 it is 0.6 and the other one 0.5"))
  }

  /// Epochs rounded to two digits, as older Trainers log them: steps tell the values apart.
  @Test func roundedEpochsAreNotOnePlace() throws {
    let log = try WrittenLog.read(
      """
      [{"epoch": 0.01, "step": 1, "loss": 0.9}, {"epoch": 0.01, "step": 2, "loss": 0.8},
       {"epoch": 1.0, "step": 200, "loss": 0.4, "learning_rate": 0.1}, {"epoch": 1.0, "step": 200, "eval_loss": 0.5}]
      """, as: "log.json")
    #expect(log.warnings.isEmpty && log.positions == [1])
  }

  /// A table with the newest row first.
  @Test func theNewestRowMayComeFirst() throws {
    let log = try WrittenLog.read("epoch,train_loss,val_loss\n3,0.5,0.7\n2,0.6,0.8\n1,0.7,0.9\n")
    expectSeries(log.series(.validation, .loss), [0.9, 0.8, 0.7])
    #expect(log.warnings.isEmpty)
    // Several rows of one place, whose order is turned round, too.
    let long = try WrittenLog.read(
      "key,value,step\nval_loss,0.7,2\ntrain_loss,0.5,2\nval_loss,0.8,1\ntrain_loss,0.6,1\n")
    expectSeries(long.series(.train, .loss), [0.6, 0.5])
    #expect(long.warnings.isEmpty)
  }

  // MARK: Event files

  private func losses(_ values: [(Int, Double)], _ tag: String) -> [(
    tag: String, step: Int, value: Double
  )] {
    values.map { (tag, $0.0, $0.1) }
  }

  @Test func eventFilesOfARestart() throws {
    func file(_ steps: ClosedRange<Int>, _ from: Double) -> [UInt8] {
      WrittenLog.events(
        steps.flatMap { step in
          [
            ("train/loss", step, from - 0.1 * Double(step)),
            ("eval/loss", step, from - 0.1 * Double(step) + 0.05),
          ]
        })
    }
    // From a checkpoint, with other values than before.
    let resumed = try WrittenLog([
      "events.out.tfevents.1": file(1...4, 1), "events.out.tfevents.2": file(3...6, 1.01),
    ]).read()
    #expect(resumed.positions == [1, 2, 3, 4, 5, 6])
    expectSeries(
      resumed.series(.train, .loss), [0.9, 0.8, 0.71, 0.61, 0.51, 0.41], tolerance: 1e-6)
    #expect(resumed.warns("goes back to step 3", "'train/loss' at step 3"))
    // Another training in the same folder.
    let another = try WrittenLog([
      "events.out.tfevents.1": file(1...4, 1), "events.out.tfevents.2": file(1...4, 1.02),
    ]).read()
    expectSeries(another.series(.train, .loss), [0.92, 0.82, 0.72, 0.62], tolerance: 1e-6)
    #expect(another.warns("holds 2 trainings", "Number 2 is reported"))
  }

  @Test func trainingByIterationAndValidationByEpoch() throws {
    let steps = (0..<30).map { ($0, 1 - 0.03 * Double($0)) }
    let evaluations = losses([(0, 0.85), (1, 0.74), (2, 0.78)], "Loss/val")
    // All of training was written before all of validation: only the ends tell.
    let apart = try WrittenLog([
      "events.out.tfevents.1": WrittenLog.events(losses(steps, "Loss/train") + evaluations)
    ]).read()
    #expect(apart.positions == [1, 2, 3] && apart.unit == .epoch)
    expectSeries(apart.series(.train, .loss), [0.865, 0.565, 0.265], tolerance: 1e-6)
    expectSeries(apart.series(.validation, .loss), [0.85, 0.74, 0.78], tolerance: 1e-6)
    #expect(
      apart.warns(
        "0 to 29", "0 to 2", "both are taken to end together, so that an epoch has 10 steps"))
    #expect(apart.alignment.contains("10 steps") && apart.warnings.count == 1)
    // As loops write it: the order says that the epochs have 6, 12 and 12 steps.
    var events = losses(steps, "Loss/train")
    for (index, place) in [(2, 30), (1, 18), (0, 6)] {
      events.insert(evaluations[index], at: place)
    }
    let ordered = try WrittenLog(["events.out.tfevents.1": WrittenLog.events(events)]).read()
    expectSeries(ordered.series(.train, .loss), [0.925, 0.655, 0.295], tolerance: 1e-6)
    #expect(ordered.alignment.contains("order"))
    // The user knows better.
    let mapped = try WrittenLog(["events.out.tfevents.1": WrittenLog.events(events)])
      .read(map: "steps_per_epoch: 10")
    expectSeries(mapped.series(.train, .loss), [0.865, 0.565, 0.265], tolerance: 1e-6)
  }

  /// Both by step: nothing is aligned, though evaluations are few.
  @Test func oneAxisStaysOne() throws {
    var events = losses((0..<30).map { ($0, 1 - 0.03 * Double($0)) }, "Loss/train")
    events.insert(("Loss/val", 2, 0.8), at: 3)
    events.insert(("Loss/val", 1, 0.9), at: 2)
    let log = try WrittenLog(["events.out.tfevents.1": WrittenLog.events(events)]).read()
    #expect(log.positions == [1, 2] && log.unit == .step && log.alignment.isEmpty)
    #expect(log.warns("27 values of 'Loss/train' were logged after the last evaluation"))
  }

  /// Training has steps only, validation epochs only, in one list of records.
  @Test func stepsAndEpochsInOneList() throws {
    var lines = ""
    for epoch in 0..<3 {
      for batch in 0..<5 {
        lines += #"{"step": \#(epoch * 5 + batch), "train_loss": \#(epoch)}"# + "\n"
      }
      lines += #"{"epoch": \#(epoch), "val_loss": 0.5}"# + "\n"
    }
    let log = try WrittenLog.read(lines, as: "log.jsonl")
    #expect(log.positions == [1, 2, 3])
    expectSeries(log.series(.train, .loss), [0, 1, 2])
    #expect(log.warns("'train_loss' counts steps") && log.warnings.count == 1)
  }
}
