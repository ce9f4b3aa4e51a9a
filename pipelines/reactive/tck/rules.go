package tck

import "slices"

// Rules are the 47 required tests of the JVM's kit, in the order of the specification's
// chapters. Those about null references have no meaning here and are named all the same.
func Rules() []Rule {
	return slices.Concat(publisherRules(), subscriberRules(), plainRules(), processorRules())
}

func publisherRules() []Rule {
	const p = PublisherPart
	return []Rule{
		{Spec: "§1.00", Part: p, Says: "one of 1 sends exactly 1", check: exactlyOne},
		{Spec: "§1.00", Part: p, Says: "one of 3 sends exactly 3, in order", check: exactlyThree},
		{Spec: "§1.01", Part: p, Says: "sends as many as were requested", demand: true, check: asManyAsRequested},
		{Spec: "§1.02", Part: p, Says: "may send fewer than requested, and ends", demand: true, check: fewerThanRequested},
		{Spec: "§1.05", Part: p, Says: "completes when it has no more", check: completes},
		{Spec: "§1.07", Part: p, Says: "sends nothing after completion", check: nothingAfterCompletion},
		{Spec: "§1.09", Part: p, Says: "calls OnSubscribe once, before all else", check: onSubscribeFirst},
		{Spec: "§1.09", Part: RejectingPart, Says: "calls OnSubscribe, then OnError", check: rejectsInOrder},
		{Spec: "§1.09", Part: p, Says: "refuses a null subscriber", null: true},
		{Spec: "§3.02", Part: p, Says: "may be asked from OnSubscribe and OnNext", demand: true, check: requestsFromWithin},
		{Spec: "§3.03", Part: p, Says: "does not recur from request to OnNext", demand: true, check: boundedRecursion},
		{Spec: "§3.06", Part: p, Says: "ignores requests after Cancel", demand: true, check: requestAfterCancel},
		{Spec: "§3.07", Part: p, Says: "ignores Cancel after Cancel", check: cancelAgain},
		{Spec: "§3.09", Part: p, Says: "answers Request(0) with OnError", demand: true, check: zeroRequest},
		{Spec: "§3.09", Part: p, Says: "answers Request(-1) with OnError", demand: true, check: negativeRequest},
		{Spec: "§3.12", Part: p, Says: "stops after Cancel", check: cancelStops},
		{Spec: "§3.13", Part: p, Says: "forgets its subscriber after Cancel", check: cancelForgets},
		{Spec: "§3.17", Part: p, Says: "takes a request of 2⁶³−1", demand: true, check: mostAtOnce},
		{Spec: "§3.17", Part: p, Says: "takes requests of 2⁶³−1 altogether", demand: true, check: mostAltogether},
		{Spec: "§3.17", Part: p, Says: "takes more than 2⁶³−1 for no error", demand: true, check: moreThanMost},
	}
}

func subscriberRules() []Rule {
	const p = SubscriberPart
	return []Rule{
		{Spec: "§2.00", Part: p, Says: "takes what it requested, in order", check: happyPath},
		{Spec: "§2.01", Part: p, Says: "requests in order to be sent any", demand: true, check: requestsAsTold},
		{Spec: "§2.03", Part: p, Says: "leaves its subscription alone in OnComplete", check: whiteQuietInComplete},
		{Spec: "§2.03", Part: p, Says: "leaves its subscription alone in OnError", check: whiteQuietInError},
		{Spec: "§2.05", Part: p, Says: "cancels a second subscription", check: whiteRefusesSecond},
		{Spec: "§2.08", Part: p, Says: "bears elements after its Cancel", check: bearsLateElements},
		{Spec: "§2.09", Part: p, Says: "notices completion after a request", check: completeAfterRequest},
		{Spec: "§2.09", Part: p, Says: "notices completion without a request", check: completeUnasked},
		{Spec: "§2.10", Part: p, Says: "notices an error after a request", check: errorAfterRequest},
		{Spec: "§2.10", Part: p, Says: "notices an error without a request", check: errorUnasked},
		{Spec: "§2.13", Part: p, Says: "refuses a null subscription", null: true},
		{Spec: "§2.13", Part: p, Says: "refuses a null element", null: true},
		{Spec: "§2.13", Part: p, Says: "refuses a null error", null: true},
		{Spec: "§3.08", Part: p, Says: "requests as many as it has to", demand: true, check: requestsAll},
	}
}

func plainRules() []Rule {
	const p = PlainPart
	return []Rule{
		{Spec: "§2.01", Part: p, Says: "requests in order to be sent any", demand: true, check: requestsByItself},
		{Spec: "§2.03", Part: p, Says: "leaves its subscription alone in OnComplete", check: plainQuietInComplete},
		{Spec: "§2.03", Part: p, Says: "leaves its subscription alone in OnError", check: plainQuietInError},
		{Spec: "§2.05", Part: p, Says: "cancels a second subscription", check: plainRefusesSecond},
		{Spec: "§2.09", Part: p, Says: "bears completion after a request", check: bearsCompleteAfterRequest},
		{Spec: "§2.09", Part: p, Says: "bears completion without an element", check: bearsCompleteUnasked},
		{Spec: "§2.10", Part: p, Says: "bears an error after a request", check: bearsErrorAfterRequest},
		{Spec: "§2.10", Part: p, Says: "bears an error without an element", check: bearsErrorUnasked},
		{Spec: "§2.13", Part: p, Says: "refuses a null subscription", null: true},
		{Spec: "§2.13", Part: p, Says: "refuses a null element", null: true},
		{Spec: "§2.13", Part: p, Says: "refuses a null error", null: true},
	}
}

func processorRules() []Rule {
	return []Rule{
		{Spec: "§1.04", Part: ProcessorPart, Says: "sends on that its source failed", check: passesErrorOn},
		{Spec: "§2.01", Part: ProcessorPart, Says: "goes on requesting for what was requested long ago", demand: true, check: requestsForLongAgo},
	}
}
