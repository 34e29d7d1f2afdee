// Words that passwords are made of more often than any others, by topic; ours, from what anybody would think of.
#pragma once

#include <string_view>

namespace medflow::crypto {

inline constexpr std::string_view common_password_words =
    // what one is asked for
    "password passwort passwd pass parola senha contrasena motdepasse wachtwoord haslo salasana losenord adgangskode "
    "sifre "
    "secret geheim login logon signin admin administrator administrador root user username guest test testing tester "
    "demo "
    "sample example default change changeme changeit temp temporary welcome willkommen bienvenue bienvenido hello "
    "hallo hola "
    "bonjour letmein openup access enter entry master super superuser supervisor manager system server service support "
    "helpdesk computer laptop internet website online network wireless windows linux ubuntu android iphone samsung "
    "google "
    "facebook twitter instagram youtube amazon apple microsoft office excel oracle database mysql postgres backup "
    "account "
    "private public personal security secure trust trustno iloveyou loveyou love lovely loveme lover amor forever "
    "always "
    "qwerty qwertz azerty asdf zxcv qazwsx abc abcd abcdef keyboard unknown nothing whatever anything nobody "
    // health
    "hospital clinic doctor nurse patient medical medicine medico health healthcare emergency surgery surgeon pharmacy "
    "dental "
    "dentist therapy care caring ward icu reception frontdesk desk staff team medflow medic physician radiology "
    "pediatrics "
    "cardiology lab laboratory vaccine covid corona ambulance heart "
    // people and family
    "michael jennifer jessica michelle daniel david robert william thomas charles george andrew joshua matthew anthony "
    "christopher jonathan nicholas alexander benjamin samuel patrick richard joseph steven kevin brian jason justin "
    "ryan "
    "brandon austin tyler jordan taylor morgan hunter ashley amanda nicole melissa stephanie elizabeth danielle "
    "samantha "
    "victoria natalie rachel rebecca sarah hannah emily emma olivia sophia sophie charlotte maria marie anna andrea "
    "laura "
    "sandra monica patricia angela barbara martina claudia carlos jose juan pedro pablo miguel antonio francisco "
    "fernando "
    "alejandro mohamed mohammed muhammad ahmed ali omar fatima ivan natasha sergey dmitri vladimir peter paul john "
    "james "
    "jack harry oliver oscar charlie max maxwell leo lucas luis simon martin stefan markus thorsten hans franz julia "
    "lisa "
    "katie maggie molly lucy daisy bella chloe zoe abby sam tom tim bob joe dan ben alex chris mike steve dave mark "
    "matt "
    "nick jeff eric adam family mother father mommy daddy mama papa brother sister baby babygirl babyboy princess "
    "prince "
    "queen king lady girl boy friend friends bestfriend darling honey sweetie sweetheart sweet cutie angel angels babe "
    "sexy "
    // animals
    "dragon monkey tiger lion panther eagle falcon hawk wolf bear panda rabbit bunny turtle dolphin shark whale horse "
    "pony "
    "kitty kitten cat cats puppy dog dogs doggy buddy rocky bandit shadow smokey ginger pepper cookie peanut butterfly "
    "spider scorpion snake cobra phoenix unicorn chicken duck bird fish elephant hamster "
    // games, films, music
    "batman superman spiderman ironman superhero starwars jedi yoda skywalker startrek matrix neo gandalf frodo hobbit "
    "harrypotter "
    "hogwarts pokemon pikachu mario luigi zelda sonic nintendo playstation xbox minecraft fortnite warcraft starcraft "
    "diablo "
    "counterstrike killer hacker ninja samurai warrior knight wizard magic merlin arthur legend hero ghost zombie "
    "vampire "
    "naruto mickey minnie donald snoopy garfield scooby simpson metallica nirvana slipknot eminem beatles rockstar "
    "rock music guitar "
    "piano drummer dancer dancing singer jazz blink "
    // sport
    "football soccer baseball basketball hockey tennis golf golfer cricket rugby volleyball swimming running fitness "
    "yankees lakers "
    "cowboys steelers patriots chelsea arsenal liverpool barcelona realmadrid juventus milan bayern manchester united "
    "ronaldo "
    "messi champion champions winner player coach sport sports "
    // cars and things
    "mustang ferrari porsche mercedes corvette camaro harley yamaha honda toyota nissan subaru bmw audi ford chevy "
    "jeep truck "
    "car cars diamond silver golden gold platinum crystal money dollar rich lucky luck bank poker casino "
    // nature, seasons, time
    "sunshine sunny sun summer winter spring autumn fall january february march april may june july august september "
    "october november "
    "december monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday morning night midnight "
    "moon "
    "moonlight star stars starlight sky rainbow snow snowball storm thunder lightning fire flame ocean river mountain "
    "forest island beach "
    "flower flowers rose rosebud lily violet jasmine orchid garden nature earth world planet galaxy universe "
    // food and colour
    "banana cherry orange lemon apple strawberry peach mango coconut chocolate candy sugar cheese pizza burger coffee "
    "cappuccino "
    "whiskey vodka beer wine red blue green yellow purple black white pink "
    // places
    "america american canada mexico brazil argentina england london scotland ireland paris france germany berlin "
    "munich "
    "hamburg spain madrid italy roma rome russia moscow china japan tokyo india pakistan turkey istanbul egypt africa "
    "australia sydney texas california florida chicago boston newyork dallas denver austin phoenix vegas hollywood "
    // belief and mood
    "jesus christ god godbless bless blessed blessing heaven faith hope grace peace freedom liberty destiny dream "
    "dreams "
    "dreamer happy smile smiley crazy cool awesome perfect beautiful pretty amazing wonderful friendship trustme "
    "genius "
    "monster devil satan lucifer hell evil death bitch fuck fuckyou fuckoff shit asshole pussy dick porn stupid idiot "
    "loser "
    // acts and joins
    "please open close start stop begin power energy force rocket turbo speed racing fast future new old first last "
    "one two "
    "three my me you the and for is in of i a it to we our your his her big little life time day year home house "
    "school "
    "college university student teacher work job boss company business ";

}  // namespace medflow::crypto
