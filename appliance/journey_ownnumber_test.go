package appliance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whoever has an account may type any number as their own. That takes nothing from those
// who are sent letters at it.
func TestARecipientUsesUpNobodysSMS(t *testing.T) {
	const bo, boPhone, boNumber = "bo@example.se", "+46707654321", "0707654321"
	j, in := registered(t)
	for range 2 {
		j.Send(letter{to: []string{bo + "." + boNumber + ".s"}, subject: "Till Bo", body: "Hej Bo."})
	}
	j.Await("email", bo, 2)
	typed := j.Trapped("email", bo)[0]
	types := func(number string) *browser {
		if in.Get("/account/phone"); in.at == "/account/prove" {
			in.Post("/account/prove", "password", annaPassword, "next", "/account/phone")
		}
		return in.Post("/account/phone", "phone", number)
	}
	types(boNumber).At("/account/phone/pin")
	t.Run("a letter's code goes to the number in the same minute", func(t *testing.T) {
		j.Browser().Opens(j.Trapped("email", bo)[1], boPhone).Sees("Hej Bo.")
	})
	for range 6 {
		j.Turn(61 * time.Second)
		types(boNumber)
	}
	t.Run("and when the one who types it has been sent all that there is in a day", func(t *testing.T) {
		in.Sees("så många sms som vi skickar på en dag")
		j.Browser().Opens(typed, boPhone).Sees("Hej Bo.")
	})
	t.Run("a fourth number in a month gets none", func(t *testing.T) {
		for i := range 3 {
			types(fmt.Sprintf("070444556%d", i))
		}
		in.Sees("tre olika mobilnummer")
		if n := len(j.Trapped("sms", "+46704445562")); n != 0 {
			t.Errorf("%d SMS", n)
		}
	})
	t.Run("signing in by the phone that is proven goes on", func(t *testing.T) {
		j.Browser().SignsInByPhone(anna, annaPassword, annaPhone)
	})
}

// What is guessed at an invitation is counted by the address: who invites again, or is
// made to, gives nobody fresh guesses.
func TestInvitedAgainNobodyGuessesAnew(t *testing.T) {
	j := newJourney(t)
	const at, phone, number = "gun@example.se", "+46708905555", "0708905555"
	boss := j.Browser().SignsIn("it@exempelkommun.se")
	boss.Get("/org/recipients").Post("/org/recipients", "address", at, "phone", number, "repeat", number).Sees("Inbjudan är på väg")
	var b *browser
	come := func(nth int) {
		b = j.Browser().ShowCode(j.CodeOf(j.Await("email", at, nth))).At("/welcome/phone").Post("/welcome/phone").At("/welcome/pin")
	}
	for nth := 1; nth <= 5; nth++ {
		come(nth)
		for range 5 {
			b.Post("/welcome/pin", "pin", wrongPIN(j.LastPIN(phone)))
		}
		j.Turn(2 * time.Minute)
		boss.Get("/org/recipients").Post("/org/recipients/again", "person", boss.listed()).Sees("Inbjudan är på väg")
	}
	j.Days(1)
	come(6)
	b.Post("/welcome/pin", "pin", j.LastPIN(phone)).Sees("för många fel koder", "den som bjöd in dig").Get("/welcome").At("/welcome/phone")
	if strings.Contains(b.page, number) {
		t.Error("the number is told")
	}
}
