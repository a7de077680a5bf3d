// Uses the client that oapi-codegen generates. Prints what it saw as JSON.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"client/api"
)

func main() {
	ctx := context.Background()
	client, err := api.NewClientWithResponses(os.Getenv("SCHEDULER_URL"))
	check(err)

	timezone, recurrence := "Asia/Tokyo", "RRULE:FREQ=DAILY;COUNT=10\nEXDATE:20350423T100000"
	created, err := client.CreateEventWithResponse(ctx, api.NewEvent{
		ScheduledAt:      "2035-04-15T10:00:00",
		Timezone:         &timezone,
		Recurrence:       &recurrence,
		Payload:          []byte("hello world"),
		DestinationTopic: "a-destination-topic",
	})
	check(err)
	series := created.JSON201

	status, err := client.GetEventStatusWithResponse(ctx, series.Id)
	check(err)
	instances, err := client.ListInstancesWithResponse(ctx, series.Id, &api.ListInstancesParams{})
	check(err)
	instance := (*instances.JSON200)[8]

	changed, err := client.ReplaceEventWithResponse(ctx, instance.Id, &api.ReplaceEventParams{}, api.ReplacedEvent{
		ScheduledAt:      instance.ScheduledAt,
		Timezone:         &instance.Timezone,
		Payload:          []byte("another"),
		DestinationTopic: "another-topic",
	})
	check(err)
	canceled, err := client.CancelEventWithResponse(ctx, series.Id, &api.CancelEventParams{})
	check(err)
	refused, err := client.CreateEventWithResponse(ctx, api.NewEvent{
		ScheduledAt: "2035-04-15T10:00:00", DestinationTopic: "no topic", Payload: []byte{},
	})
	check(err)
	problem := refused.ApplicationproblemJSON400

	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"id":               series.Id,
		"created":          series.Status,
		"scheduledInstant": series.ScheduledInstant.UTC().Format("2006-01-02T15:04:05Z"),
		"status":           status.JSON200.Status,
		"instances":        len(*instances.JSON200),
		"instance":         instance.Id,
		"payload":          string(*instance.Payload),
		"changed":          changed.JSON200.DestinationTopic,
		"canceled":         canceled.JSON200.Status,
		"problem":          map[string]any{"status": problem.Status, "code": problem.Code, "field": problem.Field},
	}))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
